//! The database.

use tenantry_core::db::Backend;

use super::{
    DatabaseUrl,
    catalog::{CONNECTIONS, DATABASE_URL, MIGRATE_ON_START, MIGRATION_URL},
    reader::{Reader, flag, whole_number},
};

/// Which database, and how to use it.
#[derive(Clone, Debug)]
pub struct DatabaseSettings {
    /// Where everything is, with the rights of the application.
    pub url: DatabaseUrl,
    /// The same database with the rights to change its tables.
    pub migration_url: DatabaseUrl,
    /// Whether a start applies pending migrations. On SQLite it always does.
    pub migrate_on_start: bool,
    /// The most connections to Postgres at once for each worker that read, and as many that write,
    /// and once more for everything else; or the readers of SQLite, which all workers share.
    pub connections: u32,
}

impl DatabaseSettings {
    /// The role that migrations grant the rows of the tables to: the application's, where it is
    /// another one than the owner of the tables.
    #[must_use]
    pub fn role_to_grant(&self) -> Option<&str> {
        let application = self.url.user();
        application.filter(|_| application != self.migration_url.user())
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<DatabaseSettings> {
    let url = reader.secret(&DATABASE_URL, DatabaseUrl::parse).flatten();
    let migration_url = reader.secret(&MIGRATION_URL, DatabaseUrl::parse);
    let migrate_on_start = reader.value(&MIGRATE_ON_START, flag);
    let connections = reader.value(&CONNECTIONS, whole_number(1, 1000));

    let url = url?;
    let migration_url = migration_url?.unwrap_or_else(|| url.clone());
    let is_sqlite = url.backend() == Backend::Sqlite;
    let same = migration_url.file() == url.file();
    if !same {
        reader.mistake(&MIGRATION_URL, "must be the same database as DATABASE_URL");
        return None;
    }
    Some(DatabaseSettings {
        url,
        migration_url,
        migrate_on_start: migrate_on_start? || is_sqlite,
        connections: connections?,
    })
}
