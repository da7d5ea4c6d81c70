//! What can go wrong.

use sea_orm_migration::DbErr;

/// Why the tables could not be brought to where they should be.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The address names no database that we support. The reason never repeats the address,
    /// which may hold a password.
    #[error("not the address of a database: {0}")]
    Address(String),
    /// The database can't be reached, or refused a question about its state.
    #[error("the database could not be asked")]
    Database(#[from] DbErr),
    /// The lock that serializes runs can't be taken.
    #[error("the lock file {path} can't be taken")]
    Lock {
        /// The lock file.
        path: String,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// The database has migrations that this program doesn't know.
    #[error(
        "the database was migrated by another version of this program, which knows {}",
        .0.join(", ")
    )]
    Unknown(Vec<String>),
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
