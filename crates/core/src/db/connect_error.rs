//! Why a database can't be reached, and what to do about it.

use std::{
    borrow::Cow,
    io::{self, ErrorKind},
    time::Duration,
};

use sea_orm::sqlx::{self, postgres::PgConnectOptions};

const TLS: &str = "set sslmode in its address to what the server offers, and sslrootcert to the \
     authority of its certificate";
const FOLDER: &str = "name a file in a folder that exists, and let the user that runs the program \
     write there; mode=rwc creates a missing file";
const WRITABLE: &str = "let the user that runs the program read and write it";

/// Why a connection could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The server or the operating system refused.
    #[error("the database is not available")]
    Refused(#[source] sqlx::Error),
    /// The file of SQLite can't be opened or created.
    #[error("the file of the database can't be opened or created")]
    File(#[source] io::Error),
    /// There was no answer.
    #[error("the database did not answer within {} s", .0.as_secs())]
    TimedOut(Duration),
}

impl ConnectError {
    /// Why a connection with these options failed.
    #[must_use]
    pub fn of_postgres(error: sqlx::Error, options: &PgConnectOptions) -> Self {
        match error {
            // Without a socket, the files that are opened are certificates and keys.
            sqlx::Error::Io(error)
                if error.kind() == ErrorKind::NotFound && options.get_socket().is_none() =>
            {
                Self::Refused(sqlx::Error::Tls(error.into()))
            }
            error => Self::Refused(error),
        }
    }

    /// Whether the server said that it can serve in a moment: it is starting, or full.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.code().as_deref(), Some("53300" | "57P03"))
    }

    /// What to do about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        let error = match self {
            Self::Refused(error) => error,
            Self::File(_) => return FOLDER,
            Self::TimedOut(_) => {
                return "correct the host in its address, or let the firewall pass connections";
            }
        };
        match error {
            sqlx::Error::Tls(_) => TLS,
            sqlx::Error::Io(error) => match error.kind() {
                // What rustls says of a certificate or a handshake.
                ErrorKind::InvalidData => TLS,
                ErrorKind::ConnectionRefused | ErrorKind::NotFound => {
                    "start it, or correct the host and the port in its address"
                }
                ErrorKind::PermissionDenied => WRITABLE,
                _ => "correct the host in its address, or repair the network and the name server",
            },
            sqlx::Error::Database(error) => {
                let code = error.code().unwrap_or_default();
                match code.parse::<u32>() {
                    Ok(number) if code.len() < 5 => of_sqlite(number),
                    _ => of_postgres(&code, error.message()),
                }
            }
            _ => "check that it is the address of a Postgres server or of a SQLite file",
        }
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Refused(sqlx::Error::Database(error)) => error.code(),
            _ => None,
        }
    }
}

fn of_postgres(code: &str, message: &str) -> &'static str {
    match code {
        // Postgres names the encryption that it searched its rules for.
        "28000" if message.contains("encryption") || message.contains("SSL o") => TLS,
        "28000" | "28P01" => {
            "correct the role and its password in its address, and let pg_hba.conf admit the role"
        }
        "3D000" => "create the database, or correct its name in its address",
        "42501" => "run `tenantry migrate up` as the owner of the tables, which grants the rights",
        "53300" => "raise max_connections of Postgres, or lower TENANTRY__DATABASE__CONNECTIONS",
        "57P03" => "wait until it has started",
        _ => "do what the message of Postgres says",
    }
}

/// The low byte is the code; the rest says more about it.
fn of_sqlite(code: u32) -> &'static str {
    match code & 0xff {
        3 | 8 => WRITABLE,
        14 => FOLDER,
        26 => "name another file: this one is no SQLite database",
        _ => "do what the message of SQLite says",
    }
}
