//! Checks of the database.

use std::{path::Path, time::Duration};

use tenantry_core::{
    db::{
        Backend, CursorKey, Database, DatabaseOptions, ReadOnly, RlsGap, ServerInfo, SessionWaits,
        readable_by_others,
    },
    runtime::Runtime,
};
use tenantry_domain_events::EventBus;
use tenantry_migrations::{self as migrations, MigrationError};

use crate::{Failure, app::row_security_gaps, settings::Settings};
use tenantry_module::Check;

/// The oldest major version of Postgres that is tested.
const OLDEST_POSTGRES: u32 = 13;

/// The largest accepted difference between the clocks of two machines.
const MAX_CLOCK_SKEW: chrono::Duration = chrono::Duration::seconds(5);

/// How long the database may take.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

const NAME: &str = "database";

/// What is known of the tables before the database is opened.
enum Schema {
    /// There is at least one.
    Tables,
    /// No migration was applied yet.
    Empty,
    /// The database is away, or another program's.
    Unusable,
}

pub(super) async fn checks(settings: &Settings) -> Vec<Check> {
    let (schema, check) = schema(settings).await;
    let mut checks = vec![check];
    let file = settings.database.url.file();
    checks.extend(file.map(permissions));
    // Opening a file that does not exist would create it.
    let exists = file.is_none_or(Path::exists);
    if exists && !matches!(schema, Schema::Unusable) {
        checks.extend(opened(settings, &schema).await);
    }
    checks
}

async fn schema(settings: &Settings) -> (Schema, Check) {
    const MIGRATIONS: &str = "migrations";
    let url = &settings.database.url;
    match migrations::status(url.expose()).await {
        Ok(states) => {
            let pending = states.iter().filter(|state| !state.applied);
            let pending: Vec<_> = pending.map(|state| state.name.as_str()).collect();
            let schema = match pending.len() {
                some if some == states.len() => Schema::Empty,
                _ => Schema::Tables,
            };
            let check = if pending.is_empty() {
                let newer = migrations::newer(url.expose()).await.unwrap_or_default();
                Check::fine(
                    MIGRATIONS,
                    match newer.len() {
                        0 => "none is pending".to_owned(),
                        _ => format!(
                            "none is pending, and this version can run with newer ones ({})",
                            newer.join(", ")
                        ),
                    },
                )
            } else {
                let found = format!("{} pending ({})", pending.len(), pending.join(", "));
                Check::finding(MIGRATIONS, found, "run `tenantry migrate up`")
            };
            (schema, check)
        }
        Err(error) => {
            let (schema, name, what) = match error {
                MigrationError::Unknown(_) => (Schema::Tables, MIGRATIONS, "is newer"),
                _ => (Schema::Unusable, NAME, "can't be used"),
            };
            let remedy = error.remedy();
            let remedy = remedy.unwrap_or("do what the message of the database says");
            let found = with_causes(format!("{url} {what}"), &error);
            (schema, Check::finding(name, found, remedy))
        }
    }
}

/// The database holds the rows of all organizations.
fn permissions(file: &Path) -> Check {
    const NAME: &str = "database file";
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        let found = format!("there is no folder {}", folder.display());
        return Check::finding(NAME, found, "create it, or correct DATABASE_URL");
    }
    match readable_by_others(file) {
        Some(open) => {
            let open = open.display();
            let found = format!("others can read {open}");
            Check::finding(NAME, found, format!("chmod 600 {open}"))
        }
        None if file.is_file() => Check::fine(NAME, "only its owner can read it"),
        None if file.exists() => {
            let found = format!("{} is no file", file.display());
            Check::finding(NAME, found, "name a file in DATABASE_URL")
        }
        None => Check::fine(NAME, "the first start makes it, for its owner"),
    }
}

async fn opened(settings: &Settings, schema: &Schema) -> Vec<Check> {
    let options = DatabaseOptions {
        url: settings.database.url.expose().to_owned(),
        connections: 1,
        acquire_timeout: ACQUIRE_TIMEOUT,
        waits: settings.waits(),
        cursor_key: CursorKey::derive(&[]),
    };
    let opened = Database::open(options, Runtime::system(), EventBus::new() as _).await;
    let remedy = "do what the message of the database says";
    let database = match opened {
        Ok(opened) => opened.database,
        Err(error) => {
            return vec![Check::finding(
                NAME,
                with_causes("it can't be opened", &error),
                remedy,
            )];
        }
    };
    let mut checks = match database.server_info().await {
        Ok(about) => {
            let product = match database.backend() {
                Backend::Postgres => "PostgreSQL",
                Backend::Sqlite => "SQLite",
            };
            let is_old = database.backend() == Backend::Postgres && about.major < OLDEST_POSTGRES;
            let connection = match about.encrypted {
                None => "",
                Some(true) => ", encrypted connection",
                Some(false) => ", connection not encrypted",
            };
            let found = format!("{product} {}{connection}", about.version);
            let version = if is_old {
                let remedy = format!("upgrade it to version {OLDEST_POSTGRES} or later");
                Check::finding(NAME, found, remedy)
            } else {
                Check::fine(NAME, found)
            };
            let mut checks = vec![version, clock(&database, about.time)];
            checks.extend(writes(&about));
            checks.extend(about.waits.as_ref().map(waits));
            checks
        }
        Err(error) => vec![Check::finding(
            NAME,
            with_causes("it can't be queried", &error),
            remedy,
        )],
    };
    let row_security = row_security(settings, &database, schema).await;
    let holds = row_security.iter().all(|check| check.remedy.is_none());
    checks.extend(row_security);
    // The rights of an owner are no finding of their own.
    if holds && database.backend() == Backend::Postgres {
        checks.push(rights(settings).await);
    }
    database.close().await;
    checks
}

/// What other sessions hold, no request waits for without end.
fn waits(waits: &SessionWaits) -> Check {
    const NAME: &str = "waits";
    let SessionWaits {
        lock,
        statement,
        idle_transaction,
    } = waits;
    let found =
        format!("a lock {lock}, a statement {statement}, an idle transaction {idle_transaction}");
    if [lock, statement, idle_transaction]
        .iter()
        .all(|limit| *limit != "0")
    {
        return Check::fine(NAME, found);
    }
    let found = format!("{found}; 0 has no end");
    let remedy = "let the connection pooler pass the startup parameter `options` to Postgres";
    Check::finding(NAME, found, remedy)
}

/// Rights beyond those that the application needs.
async fn rights(settings: &Settings) -> Check {
    const NAME: &str = "rights";
    match migrations::excess_rights(settings.database.url.expose()).await {
        Ok(excess) if excess.is_empty() => Check::fine(
            NAME,
            "the role reads and writes rows, and may do nothing else",
        ),
        Ok(excess) => Check::finding(
            NAME,
            format!("more than the application needs: {}", excess.join(", ")),
            "run `tenantry migrate up` as the owner of the tables and the database, which takes it \
             back; only an administrator of the server takes back what makes large objects (REVOKE \
             EXECUTE ON FUNCTION … FROM PUBLIC, as at the end of scripts/postgres-roles.sql)",
        ),
        Err(error) => Check::finding(
            NAME,
            with_causes("they can't be checked", &error),
            "let the role read the catalog of the database",
        ),
    }
}

fn clock(database: &Database, theirs: Option<tenantry_core::clock::Timestamp>) -> Check {
    const NAME: &str = "clock";
    let Some(theirs) = theirs else {
        return Check::fine(NAME, "the database has no other one than this machine's");
    };
    let skew = (database.runtime().now() - theirs).abs();
    let found = format!("{} ms from the database's", skew.num_milliseconds());
    if skew <= MAX_CLOCK_SKEW {
        return Check::fine(NAME, found);
    }
    let remedy = "keep both machines' clocks by NTP: sessions and leases end by the clock";
    Check::finding(NAME, found, remedy)
}

/// A finding where transactions can't write.
fn writes(about: &ServerInfo) -> Option<Check> {
    const NAME: &str = "writes";
    Some(match about.read_only? {
        ReadOnly::Standby => Check::finding(
            NAME,
            "refused with 503: the server is a standby",
            "name the primary server in DATABASE_URL",
        ),
        ReadOnly::Default => Check::finding(
            NAME,
            "refused with 503: the database is read-only by default",
            "as the administrator: ALTER DATABASE … RESET default_transaction_read_only, and the \
             same for the role where it has the setting",
        ),
    })
}

async fn row_security(settings: &Settings, database: &Database, schema: &Schema) -> Vec<Check> {
    const NAME: &str = "row-level security";
    if database.backend() == Backend::Sqlite {
        return vec![Check::fine(
            NAME,
            "SQLite has none; the application's own checks hold",
        )];
    }
    match row_security_gaps(settings, database).await {
        Ok(gaps) if gaps.is_empty() && matches!(schema, Schema::Empty) => {
            vec![Check::finding(
                NAME,
                "not checked: there is no table yet",
                "run `tenantry doctor` again after `tenantry migrate up`",
            )]
        }
        Ok(gaps) if gaps.is_empty() => {
            vec![Check::fine(
                NAME,
                "forced on every tenant's table, with the reviewed policy only; the role is held by it",
            )]
        }
        Ok(gaps) => RlsGap::by_remedy(&gaps)
            .into_iter()
            .map(|(problem, remedy)| Check::finding(NAME, problem, remedy))
            .collect(),
        Err(error) => vec![Check::finding(
            NAME,
            with_causes("it can't be checked", &error),
            "let the role read the catalog of the database",
        )],
    }
}

/// What failed, with its causes.
fn with_causes(what: impl std::fmt::Display, error: &dyn std::error::Error) -> String {
    Failure::caused_by(what, error).to_string()
}
