//! Lifetime of sessions, and the session secret.

use chrono::Duration;
use secrecy::SecretString;
use tenantry_core::db::{Backend, DatabaseUrl};

use super::{
    catalog::{ABSOLUTE_DAYS, IDLE_DAYS, SESSION_SECRET},
    reader::{SettingsReader, whole_number},
};

/// The minimum length of a session secret.
pub(crate) const SECRET_BYTES: usize = 64;

/// Sessions.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// Signs cookies and cursors. With the embedded database it defaults to one in a file beside it.
    pub secret: Option<SecretString>,
    /// An unused session expires after this time.
    pub idle: Duration,
    /// Every session expires after this time.
    pub absolute: Duration,
}

pub(super) fn read(
    reader: &mut SettingsReader<'_>,
    database: Option<&DatabaseUrl>,
) -> Option<SessionSettings> {
    let secret = reader.secret(&SESSION_SECRET, parse_secret);
    let idle = reader.value(&IDLE_DAYS, whole_number(1, 3650));
    let absolute = reader.value(&ABSOLUTE_DAYS, whole_number(1, 3650));

    let on_postgres = database.is_some_and(|url| url.backend() == Backend::Postgres);
    if on_postgres && matches!(secret, Some(None)) {
        let problem = format!(
            "is required with Postgres: {SECRET_BYTES} random bytes or more, \
             such as `openssl rand -base64 64 | tr -d '\\n'` prints"
        );
        reader.error(&SESSION_SECRET, problem);
    }
    let (idle, absolute) = (idle?, absolute?);
    if idle > absolute {
        let problem = format!(
            "must not be more than {}, which is {absolute}; found {idle}",
            ABSOLUTE_DAYS.variable
        );
        reader.error(&IDLE_DAYS, problem);
    }
    Some(SessionSettings {
        secret: secret?,
        idle: Duration::days(idle),
        absolute: Duration::days(absolute),
    })
}

fn parse_secret(text: &str) -> Result<SecretString, String> {
    let is_repeated = text.chars().all(|character| text.starts_with(character));
    match text.len() {
        SECRET_BYTES.. if is_repeated => Err(format!(
            "must be random, and is one repeated character: set {SECRET_BYTES} random bytes or more, \
             such as `openssl rand -base64 64 | tr -d '\\n'` prints"
        )),
        SECRET_BYTES.. => Ok(text.into()),
        found => Err(format!(
            "must be {SECRET_BYTES} random bytes or more; found {found}"
        )),
    }
}
