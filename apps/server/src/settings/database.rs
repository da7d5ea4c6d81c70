//! The database.

use std::time::Duration;

use tenantry_core::db::{Backend, DatabaseUrl, WaitLimits};

use super::{
    SettingErrors,
    catalog::{
        CONNECTIONS, DATABASE_URL, IDLE_TRANSACTION_SECONDS, LOCK_SECONDS, MIGRATE_ON_START,
        MIGRATION_URL, STATEMENT_SECONDS, Setting,
    },
    reader::{SettingsReader, flag, whole_number},
};

/// Which database, and how to use it.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// The database, with the application's role.
    pub url: DatabaseUrl,
    /// The same database, with the role that owns the tables.
    pub migration_url: DatabaseUrl,
    /// Whether a start applies pending migrations. On SQLite it always does.
    pub migrate_on_start: bool,
    /// On Postgres: the maximum of connections that read, and as many that write, for each worker, and
    /// once more outside of the workers. On SQLite: the readers, which all workers share.
    pub connections: u32,
    /// How long a session of Postgres waits; see [`Settings::waits`](super::Settings::waits).
    pub(super) waits: WaitLimits,
}

impl DatabaseSettings {
    /// The role that migrations grant access to: the application's, where it does not own the tables.
    #[must_use]
    pub fn role_to_grant(&self) -> Option<&str> {
        let application = self.url.user();
        application.filter(|_| application != self.migration_url.user())
    }

    /// Reports addresses that name a file or a folder that is not there.
    pub(super) fn report_missing(&self, errors: &mut SettingErrors) {
        let is_one = self.migration_url.expose() == self.url.expose();
        let migrations = (!is_one).then_some((&MIGRATION_URL, &self.migration_url));
        for (setting, url) in [(&DATABASE_URL, &self.url)].into_iter().chain(migrations) {
            if let Some(problem) = url.missing() {
                errors.add(setting.variable, problem);
            }
        }
    }
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<DatabaseSettings> {
    let url = reader.secret(&DATABASE_URL, stored).flatten();
    let migration_url = reader.secret(&MIGRATION_URL, stored);
    let migrate_on_start = reader.value(&MIGRATE_ON_START, flag);
    let connections = reader.value(&CONNECTIONS, whole_number(1, 1000));
    let waits = waits(reader);

    let url = url?;
    let migration_url = migration_url?.unwrap_or_else(|| url.clone());
    let is_sqlite = url.backend() == Backend::Sqlite;
    let is_same = migration_url.backend() == url.backend() && migration_url.file() == url.file();
    if !is_same {
        reader.error(&MIGRATION_URL, "must be the same database as DATABASE_URL");
        return None;
    }
    Some(DatabaseSettings {
        url,
        migration_url,
        migrate_on_start: migrate_on_start? || is_sqlite,
        connections: connections?,
        waits: waits?,
    })
}

fn waits(reader: &mut SettingsReader<'_>) -> Option<WaitLimits> {
    let mut seconds = |setting: &Setting| {
        let seconds = reader.value(setting, whole_number(1, 3600));
        seconds.map(Duration::from_secs)
    };
    let lock = seconds(&LOCK_SECONDS);
    let statement = seconds(&STATEMENT_SECONDS);
    let idle_transaction = seconds(&IDLE_TRANSACTION_SECONDS);
    Some(WaitLimits {
        lock: lock?,
        statement: statement?,
        idle_transaction: idle_transaction?,
    })
}

fn stored(text: &str) -> Result<DatabaseUrl, String> {
    let url = DatabaseUrl::parse(text)?;
    if url.backend() == Backend::Sqlite && url.file().is_none() {
        let problem = "must name a file: a database in memory is another one for every connection";
        return Err(problem.to_owned());
    }
    Ok(url)
}
