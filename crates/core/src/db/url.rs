//! The address of a database: one grammar for everything that opens one.

mod postgres;
mod sqlite;

use std::{fmt, path::Path};

use sea_orm::sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};
use secrecy::{ExposeSecret as _, SecretString};

use self::{postgres::Server, sqlite::Location};
use super::Backend;

const IN_MEMORY: &str = "sqlite::memory:";

/// The address of a database, which may hold a password.
///
/// - `sqlite://FILE?mode=rwc`: the path is relative to the working directory, or absolute with a
///   third slash. `%20` is a space. `mode=rw` does not create a missing file.
/// - `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`, with parameters that the
///   driver and libpq (`pg_dump`) read alike.
#[derive(Clone)]
pub struct DatabaseUrl {
    text: SecretString,
    place: Place,
}

#[derive(Clone)]
enum Place {
    Sqlite { location: Location, shown: String },
    Postgres(Box<Server>),
}

impl DatabaseUrl {
    /// Parses `sqlite://…` or `postgres://…`.
    ///
    /// # Errors
    /// What is expected. The text is not part of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.chars().any(char::is_control) {
            return Err("must not hold control characters".to_owned());
        }
        let place = if let Some(rest) = text.strip_prefix("sqlite:") {
            Place::Sqlite {
                location: Location::parse(rest)?,
                shown: text.to_owned(),
            }
        } else {
            Place::Postgres(Box::new(Server::parse(text)?))
        };
        Ok(Self {
            text: text.into(),
            place,
        })
    }

    /// The address including its password.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose_secret()
    }

    /// Which database this is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self.place {
            Place::Sqlite { .. } => Backend::Sqlite,
            Place::Postgres(_) => Backend::Postgres,
        }
    }

    /// The Postgres role in the address, if any.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        match &self.place {
            Place::Sqlite { .. } => None,
            Place::Postgres(server) => server.user.as_deref(),
        }
    }

    /// The file of a SQLite database; a database in memory has none.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match &self.place {
            Place::Sqlite { location, .. } => location.file.as_deref(),
            Place::Postgres(_) => None,
        }
    }

    /// Whether a missing SQLite file is created.
    #[must_use]
    pub const fn creates_file(&self) -> bool {
        match &self.place {
            Place::Sqlite { location, .. } => location.create,
            Place::Postgres(_) => false,
        }
    }

    /// What is wrong where the address names a file or a folder that is not there, so that nothing
    /// could connect.
    #[must_use]
    pub fn missing(&self) -> Option<String> {
        match &self.place {
            Place::Sqlite { location, .. } => location.missing().map(ToOwned::to_owned),
            Place::Postgres(server) => server.missing(),
        }
    }

    /// How to connect to SQLite; `None` on Postgres.
    #[must_use]
    pub fn sqlite_options(&self) -> Option<SqliteConnectOptions> {
        let Place::Sqlite { location, .. } = &self.place else {
            return None;
        };
        Some(match &location.file {
            Some(file) => SqliteConnectOptions::new()
                .filename(file)
                .create_if_missing(location.create),
            None => IN_MEMORY.parse().expect("an address of the driver"),
        })
    }

    /// How to connect to Postgres; `None` on SQLite.
    #[must_use]
    pub fn postgres_options(&self) -> Option<&PgConnectOptions> {
        match &self.place {
            Place::Sqlite { .. } => None,
            Place::Postgres(server) => Some(&server.options),
        }
    }
}

/// Without the password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.place {
            Place::Sqlite { shown, .. } => shown,
            Place::Postgres(server) => &server.shown,
        })
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_decoded_and_may_hold_spaces() {
        for (text, file) in [
            ("sqlite:a.db", "a.db"),
            ("sqlite://a.db?mode=rwc", "a.db"),
            ("sqlite://./a.db?", "./a.db"),
            ("sqlite:///srv/a b.db?mode=rw", "/srv/a b.db"),
            ("sqlite:///srv/a%20b.db", "/srv/a b.db"),
            ("sqlite://100%25.db?cache=private", "100%.db"),
            ("sqlite://a%3Fb#c.db", "a?b#c.db"),
            ("sqlite://[x].db", "[x].db"),
            ("sqlite:////srv/a.db", "//srv/a.db"),
            ("sqlite://%C3%A9.db", "é.db"),
        ] {
            let url = DatabaseUrl::parse(text).expect(text);
            assert_eq!(url.file(), Some(Path::new(file)), "{text}");
            let options = url.sqlite_options().expect("SQLite");
            assert_eq!(options.get_filename(), Path::new(file), "{text}");
        }
    }

    #[test]
    fn an_address_that_can_not_be_opened_is_refused_without_being_repeated() {
        for text in [
            "",
            "tenantry.db",
            "mysql://hunter2@h/db",
            "sqlite:",
            "sqlite://?mode=rwc",
            "sqlite:///",
            "sqlite:///srv/hunter2/",
            "sqlite://..",
            "sqlite://a/.",
            "sqlite://hunter2.db?mode=ro",
            "sqlite://hunter2.db?mode=create",
            "sqlite://hunter2.db?mode",
            "sqlite://hunter2.db?mode=rw&mode=rwc",
            "sqlite://hunter2.db?immutable=1",
            "sqlite://hunter2.db?cache=shared",
            "sqlite://hunter2.db?timeout=5",
            "sqlite://hunter2%.db",
            "sqlite://hunter2%zz.db",
            "sqlite://hunter2%00.db",
            "sqlite://hunter2%0A.db",
            "sqlite://hunter2\n.db",
            "sqlite://%FF.db",
            "sqlite://file:hunter2.db",
            "postgres:hunter2",
            "postgres://a:hunter2@h:port/db",
            "postgres://a:hunter2@h:0/db",
            "postgres://a:hunter2@h:70000/db",
            "postgres://a:hunter2@h,i/db",
            "postgres://a:hunter2@h/db/",
            "postgres://a:hunter2@h/a/b",
            "postgres://a:hunter2@h/db#x",
            "postgres://a:hunter2%00@h/db",
            "postgres://a:hunter2%FF@h/db",
            "postgres://a:hunter2@h/db?sslmode=verify-fully",
            "postgres://a:hunter2@h/db?sslmode=Require",
            "postgres://a:hunter2@h/db?ssl-mode=verify-fully",
            "postgres://a:hunter2@h/db?sslmode=require&sslmode=disable",
            "postgres://a:hunter2@h/db?sslmode=require&ssl-mode=disable",
            "postgres://a:hunter2@h/db?password=hunter3",
            "postgres://a:hunter2@h/db?user=b",
            "postgres://a:hunter2@h/db?dbname=c",
            "postgres://a:hunter2@h/db?host=i",
            "postgres://a:hunter2@h:1/db?port=2",
            "postgres://a:hunter2@/db?port=x",
            "postgres:///db?host=h,i",
            "postgres:///db?hostaddr=localhost",
            "postgres://a:hunter2@h/db?statement-cache-capacity=many",
            "postgres://a:hunter2@h/db?statement-cache-capacity=10",
            "postgres://a:hunter2@h/db?ssl-mode=require",
            "postgres://a:hunter2@h/db?ssl-root-cert=/a",
            "postgres://a:hunter2@h/db?ssl-ca=/a",
            "postgres://a:hunter2@h/db?ssl-cert=/a&ssl-key=/b",
            "postgres:///db?user=a&hostaddr=127.0.0.1",
            "postgres:///db?user=a&host=@socket",
            "postgres://a:hunter2@h/db?application_name=a+b",
            "postgres://a:hunter2@h/db?options[x=1",
            "postgres://a:hunter2@h/db?options[x]=1",
            "postgres://a:hunter2@h/db?options=hunter2",
            "postgres://a:hunter2@h/db?options=-c",
            "postgres://a:hunter2@h/db?options=-c%20x",
            "postgres://a:hunter2@h/db?options=-c%20x=1%20y",
            "postgres://a:hunter2@h/db?options=--",
            "postgres://a:hunter2@h/db?options=-h%20h",
            "postgres://a:hunter2@h/db?sslcert=hunter2.crt",
            "postgres://a:hunter2@h/db?target_session_attrs=read-write",
            "postgres://a:hunter2@h/db?sslpassword=hunter2",
            "postgres://a:hunter2%zz@h/db",
            "postgres://a:hunter2%@h/db",
            "postgres://a%4:hunter2@h/db",
            "postgres://a:hunter2@h/d%b",
            "postgres://a:hunter2@h/db?application_name=100%",
            "postgres://h/db",
            "postgres://:hunter2@h/db",
            "postgres:///db?host=h",
            "postgres://h/db?password=hunter2",
        ] {
            let expected = DatabaseUrl::parse(text).expect_err(text);
            assert!(expected.starts_with("must "), "{text}: {expected}");
            assert!(!expected.contains("hunter"), "{text}: {expected}");
        }
    }

    #[test]
    fn a_postgres_address_is_read_whole_and_shown_without_its_password() {
        let text = "postgres://a%40b:hunter2@db.example:5433/my%20db?sslmode=require";
        let url = DatabaseUrl::parse(text).expect("valid");
        let options = url.postgres_options().expect("Postgres");
        assert_eq!(options.get_host(), "db.example");
        assert_eq!(options.get_port(), 5433);
        assert_eq!(options.get_username(), "a@b");
        assert_eq!(options.get_database(), Some("my db"));
        assert_eq!(url.user(), Some("a@b"));
        assert!(!format!("{url} {url:?}").contains("hunter2"), "{url}");

        let text = "postgresql:///db?host=/run/postgresql&user=app&password=hunter2";
        let url = DatabaseUrl::parse(text).expect("valid");
        let options = url.postgres_options().expect("Postgres");
        assert_eq!(options.get_username(), "app");
        assert_eq!(
            url.user(),
            Some("app"),
            "the role that rights are granted to"
        );
        assert!(options.get_socket().is_some());
        assert!(!format!("{url} {url:?}").contains("hunter2"), "{url}");
    }

    #[test]
    fn options_of_a_session_are_settings() {
        for options in [
            "-c x=1",
            "-cx.y=1 --z=",
            "  -c search_path=a,b  --x=a\\ b",
            "--lock_timeout=1s",
        ] {
            let options = options.replace('\\', "%5C").replace(' ', "%20");
            let text = format!("postgres://a@h/db?options={options}");
            DatabaseUrl::parse(&text).expect(&text);
        }
    }

    #[test]
    fn a_file_or_a_folder_that_is_not_there_is_missing() {
        for (text, part) in [
            (
                "sqlite:///does/not/exist/x.db?mode=rwc",
                "a folder that exists",
            ),
            ("sqlite:does-not-exist.db?mode=rw", "mode=rwc"),
            ("sqlite:src", "not a directory"),
            (
                "postgres://a@h/db?sslrootcert=/does/not/exist",
                "sslrootcert",
            ),
            (
                "postgres://a@h/db?sslcert=Cargo.toml&sslkey=/does/not/exist",
                "sslkey",
            ),
        ] {
            let url = DatabaseUrl::parse(text).expect(text);
            let missing = url.missing().expect(text);
            assert!(
                missing.starts_with("must ") && missing.contains(part),
                "{text}: {missing}"
            );
        }
        for text in [
            "sqlite:does-not-exist.db",
            "sqlite:Cargo.toml?mode=rw",
            "sqlite::memory:",
            "postgres://a@h/db",
            "postgres://a@h/db?sslrootcert=Cargo.toml",
        ] {
            let url = DatabaseUrl::parse(text).expect(text);
            assert_eq!(url.missing(), None, "{text}");
        }
    }

    #[test]
    fn a_missing_file_is_created_unless_the_mode_is_rw() {
        for (text, creates) in [
            ("sqlite://a.db", true),
            ("sqlite://a.db?mode=rwc", true),
            ("sqlite://a.db?mode=rw", false),
        ] {
            let url = DatabaseUrl::parse(text).expect(text);
            assert_eq!(url.creates_file(), creates, "{text}");
        }
        let memory = DatabaseUrl::parse("sqlite::memory:").expect("valid");
        assert_eq!(memory.file(), None);
        assert_eq!(memory.backend(), Backend::Sqlite);
    }
}
