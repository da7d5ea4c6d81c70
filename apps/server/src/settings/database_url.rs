//! The address of a database.

use std::{fmt, path::PathBuf};

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use tenantry_core::db::Backend;
use url::{Url, form_urlencoded};

const EXPECTED: &str = "must be sqlite://FILE?mode=rwc or postgres://USER:PASSWORD@HOST/DATABASE";
const SSL_MODE: &str =
    "must have disable, allow, prefer, require, verify-ca or verify-full as its sslmode";
const IN_MEMORY: &str =
    "must name a file: a database in memory is another one for every connection";

/// The address of a database, which may hold a password.
#[derive(Clone)]
pub struct DatabaseUrl {
    url: SecretString,
    shown: String,
    /// The file of a SQLite database.
    file: Option<PathBuf>,
    /// The role on Postgres.
    user: Option<String>,
}

impl DatabaseUrl {
    /// Parses `sqlite://…` or `postgres://…`.
    ///
    /// # Errors
    /// What is expected. The text is not part of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix("sqlite:") {
            Self::sqlite(text, rest)
        } else {
            Self::postgres(text)
        }
        .map_err(ToOwned::to_owned)
    }

    fn sqlite(text: &str, rest: &str) -> Result<Self, &'static str> {
        let (path, options) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path.strip_prefix("//").unwrap_or(path);
        if path == ":memory:" || options.contains("mode=memory") {
            return Err(IN_MEMORY);
        }
        let file = percent_decode_str(path)
            .decode_utf8()
            .map_err(|_| EXPECTED)?;
        if file.is_empty() {
            return Err(EXPECTED);
        }
        Ok(Self {
            url: text.into(),
            shown: text.to_owned(),
            file: Some(PathBuf::from(file.as_ref())),
            user: None,
        })
    }

    fn postgres(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text).map_err(|_| EXPECTED)?;
        if !["postgres", "postgresql"].contains(&url.scheme()) {
            return Err(EXPECTED);
        }
        let modes = [
            "disable",
            "allow",
            "prefer",
            "require",
            "verify-ca",
            "verify-full",
        ];
        if (url.query_pairs()).any(|(name, mode)| name == "sslmode" && !modes.contains(&&*mode)) {
            return Err(SSL_MODE);
        }
        let user = percent_decode_str(url.username()).decode_utf8();
        let user = user.map_err(|_| EXPECTED)?.into_owned();
        Ok(Self {
            url: text.into(),
            shown: without_password(url),
            file: None,
            user: (!user.is_empty()).then_some(user),
        })
    }

    /// The address including its password, to connect with.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.url.expose_secret()
    }

    /// Which database this is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self.file {
            Some(_) => Backend::Sqlite,
            None => Backend::Postgres,
        }
    }

    /// The Postgres role in the address, if any.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The file of a SQLite database.
    #[must_use]
    pub const fn file(&self) -> Option<&PathBuf> {
        self.file.as_ref()
    }
}

/// The address with `***` for its password, as it may be shown. libpq takes passwords from the
/// query as well.
fn without_password(mut url: Url) -> String {
    if url.password().is_some() {
        let hidden = url.set_password(Some("***"));
        hidden.expect("an address with a password has a host");
    }
    let is_secret = |name: &str| name.to_ascii_lowercase().contains("password");
    if url.query_pairs().any(|(name, _)| is_secret(&name)) {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in url.query_pairs() {
            let value = if is_secret(&name) { "***" } else { &value };
            query.append_pair(&name, value);
        }
        let query = query.finish();
        url.set_query(Some(&query));
    }
    url.to_string()
}

/// Without the password.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({})", self.shown)
    }
}
