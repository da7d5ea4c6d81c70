//! What can go wrong.

use sea_orm_migration::DbErr;
use tenantry_core::db::ConnectError;

/// Why the tables could not be brought to where they should be.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The address names no database that we support. The reason never repeats the address,
    /// which may hold a password.
    #[error("not the address of a database: {0}")]
    Address(String),
    /// The database can't be reached, or refuses to say what it has.
    #[error(transparent)]
    Unreachable(#[from] ConnectError),
    /// The database failed during a run.
    #[error("the database could not be asked")]
    Database(#[from] DbErr),
    /// The database has tables, and none of them is ours.
    #[error("the database belongs to another program: it has {}", names(.0))]
    Foreign(Vec<String>),
    /// The server is a Postgres of an old version.
    #[error("the server is Postgres {0}, and the program needs Postgres 15 or later")]
    TooOld(String),
    /// The lock that serializes runs can't be taken.
    #[error("the lock file {path} can't be taken")]
    Lock {
        /// The lock file.
        path: String,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// The database has migrations that this program doesn't know, and that don't say that it can run.
    #[error(
        "the database was migrated by another version of this program, which knows {}",
        .0.join(", ")
    )]
    Unknown(Vec<String>),
    /// Other sessions used the tables of a migration for the whole time that it was tried.
    #[error("migration {name} found its tables in use, again and again, and was rolled back")]
    Locked {
        /// The migration.
        name: String,
        /// What the database said.
        #[source]
        cause: DbErr,
    },
    /// A migration failed.
    #[error("migration {name} failed")]
    Failed {
        /// The migration.
        name: String,
        /// What the database said.
        #[source]
        cause: DbErr,
    },
}

impl MigrationError {
    /// What an operator can do about it, where the message does not say so.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::Address(_) => "correct the address of the database",
            Self::Unreachable(error) => error.remedy(),
            Self::TooOld(_) => "upgrade the server, or name another one",
            Self::Foreign(_) => "name a database of this program, or an empty one",
            Self::Unknown(_) => {
                "run the newer version of the program, or restore the backup made before it"
            }
            Self::Locked { .. } => {
                "wait until the long transactions of the database are over, such as a backup, or end \
                 them (SELECT pid, xact_start, query FROM pg_stat_activity WHERE xact_start < now() \
                 - interval '1 minute'), and run it again"
            }
            Self::Lock { .. } => "let the user that runs the program write the lock file",
            Self::Database(_) | Self::Failed { .. } => return None,
        })
    }
}

/// The first few names: the tables of another program may be many.
fn names(all: &[String]) -> String {
    const SHOWN: usize = 5;
    let more = all.len().saturating_sub(SHOWN);
    let shown = all[..all.len() - more].join(", ");
    match more {
        0 => shown,
        _ => format!("{shown} and {more} more"),
    }
}
