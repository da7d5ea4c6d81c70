//! Checks of the database.

use std::time::Duration;

use tenantry_core::{
    db::{Backend, CursorKey, Database, DatabaseOptions},
    runtime::Runtime,
};
use tenantry_domain_events::EventBus;
use tenantry_migrations::{self as migrations, MigrationError};

use crate::{Failure, settings::Settings};
use tenantry_module::Check;

/// The oldest major version of Postgres that is tested.
const OLDEST_POSTGRES: u32 = 13;

/// The largest accepted difference between the clocks of two machines.
const MAX_CLOCK_SKEW: chrono::Duration = chrono::Duration::seconds(5);

/// How long the database may take.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn checks(settings: &Settings) -> Vec<Check> {
    let mut checks = Vec::new();
    let pending = pending(settings).await;
    let is_away = pending.is_err();
    checks.push(pending.unwrap_or_else(|away| away));
    // Opening a file that does not exist would create it.
    let file = settings.database.url.file();
    if !is_away && file.is_none_or(|file| file.exists()) {
        checks.extend(opened(settings).await);
    }
    checks
}

async fn pending(settings: &Settings) -> Result<Check, Check> {
    const NAME: &str = "migrations";
    let url = &settings.database.url;
    match migrations::pending(url.expose()).await {
        Ok(none) if none.is_empty() => Ok(Check::fine(NAME, "none is pending")),
        Ok(pending) => Ok(Check::finding(
            NAME,
            format!("{} pending ({})", pending.len(), pending.join(", ")),
            "run `tenantry migrate up`",
        )),
        Err(error @ MigrationError::Unknown(_)) => Ok(Check::finding(
            NAME,
            error.to_string(),
            "run the newer version of the program, or restore the backup made before it",
        )),
        Err(error) => Err(Check::finding(
            "database",
            with_causes(format!("{url} can't be reached"), &error),
            "start it, and check DATABASE_URL, the role's password and the network",
        )),
    }
}

async fn opened(settings: &Settings) -> Vec<Check> {
    const NAME: &str = "database";
    let options = DatabaseOptions {
        url: settings.database.url.expose().to_owned(),
        connections: 1,
        acquire_timeout: ACQUIRE_TIMEOUT,
        cursor_key: CursorKey::derive(&[]),
    };
    let opened = Database::open(options, Runtime::system(), EventBus::new() as _).await;
    let remedy = "check that it is started and lets the role in";
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
            vec![version, clock(&database, about.time)]
        }
        Err(error) => vec![Check::finding(
            NAME,
            with_causes("it can't be queried", &error),
            remedy,
        )],
    };
    checks.extend(row_security(&database).await);
    database.close().await;
    checks
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

async fn row_security(database: &Database) -> Vec<Check> {
    const NAME: &str = "row-level security";
    if database.backend() == Backend::Sqlite {
        return vec![Check::fine(
            NAME,
            "SQLite has none; the application's own checks hold",
        )];
    }
    match database.row_security_gaps().await {
        Ok(gaps) if gaps.is_empty() => {
            vec![Check::fine(
                NAME,
                "forced on every tenant's table, the role is held by it",
            )]
        }
        Ok(gaps) => gaps
            .iter()
            .map(|gap| Check::finding(NAME, gap.problem(), gap.remedy()))
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
