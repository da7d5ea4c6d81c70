//! Failures of the database.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};
use tokio::time::error::Elapsed;

use crate::{
    access::AccessError,
    error::{BoxError, DomainError, ErrorKind},
    page::PageError,
};

/// A failure of the database, or of a statement.
///
/// A unique violation carries the constraint's name, so that a module can turn it into an error of
/// its own (`slug_taken`) without a read before the write.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database can't be reached, or no connection is free.
    #[error("the database is not available")]
    Unavailable(#[source] DbErr),
    /// The organization, or the user, has its share of the connections in use. Nothing was sent.
    #[error("too many concurrent writes of one organization or user")]
    ShareInUse,
    /// A row with these values exists.
    #[error("a row with the same {key} exists")]
    UniqueViolation {
        /// The constraint, named as Postgres names it: `table_column_column_key`.
        key: String,
    },
    /// The row refers to one that does not exist (in this organization).
    #[error("a row that this one belongs to does not exist")]
    ForeignKeyViolation(#[source] DbErr),
    /// An update that sets nothing. SeaORM would turn it into an unfiltered read.
    #[error("an update must set something")]
    EmptyUpdate,
    /// An update or a deletion without a filter.
    #[error("a write must say which rows it means")]
    MissingFilter,
    /// A write that sets the organization column to another value than its scope does.
    #[error("the organization of a row comes from its scope and never changes")]
    TenantMismatch,
    /// An entity whose declaration and columns contradict each other.
    #[error("the declaration of {table} does not fit its columns")]
    InvalidEntity {
        /// The table.
        table: String,
    },
    /// A commit after a failed statement: everything was rolled back.
    #[error("a statement failed before, and the unit of work was undone")]
    RolledBack,
    /// The delivery was handled before; the listener's writes are rolled back.
    #[error("this delivery was handled already")]
    AlreadyHandled,
    /// Everything else: our bug.
    #[error("the database refused a statement")]
    Statement(#[source] DbErr),
}

impl DbError {
    /// A copy of the error, without its cause: one for each caller of a coalesced query.
    #[must_use]
    pub fn share(&self) -> Self {
        let cause = || DbErr::Custom(self.to_string());
        match self {
            Self::Unavailable(_) => Self::Unavailable(cause()),
            Self::ShareInUse => Self::ShareInUse,
            _ => Self::Statement(cause()),
        }
    }

    /// Whether this is a violation of the unique constraint of that name.
    #[must_use]
    pub fn is_duplicate_of(&self, constraint: &str) -> bool {
        matches!(self, Self::UniqueViolation { key } if key == constraint)
    }
}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        use sqlx::error::ErrorKind;

        match &error {
            DbErr::Conn(RuntimeErr::Internal(reason)) if reason == SHARE_IN_USE => {
                return Self::ShareInUse;
            }
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Self::Unavailable(error),
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => match &**cause {
                sqlx::Error::Database(cause) => match cause.kind() {
                    ErrorKind::UniqueViolation => {
                        let primary = cause.code().as_deref() == Some(SQLITE_PRIMARY_KEY);
                        let key = cause.constraint().map_or_else(
                            || sqlite_constraint(cause.message(), primary),
                            ToOwned::to_owned,
                        );
                        return Self::UniqueViolation { key };
                    }
                    ErrorKind::ForeignKeyViolation => return Self::ForeignKeyViolation(error),
                    _ if cause.code().is_some_and(|code| is_transient(&code)) => {
                        return Self::Unavailable(error);
                    }
                    _ => {}
                },
                sqlx::Error::Io(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => return Self::Unavailable(error),
                _ => {}
            },
            _ => {}
        }
        Self::Statement(error)
    }
}

/// Maps an error of sqlx's pools and connections to SeaORM's.
pub(super) fn map_sqlx_error(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        other => DbErr::Query(RuntimeErr::SqlxError(other.into())),
    }
}

const SHARE_IN_USE: &str = "the share of connections is in use";

/// SeaORM's form of [`DbError::ShareInUse`].
pub(super) fn share_in_use() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(SHARE_IN_USE.to_owned()))
}

/// A commit that the database did not answer: it may have taken effect.
pub(super) fn no_reply(_: Elapsed) -> DbError {
    DbError::Unavailable(DbErr::Conn(RuntimeErr::Internal(
        "the database did not answer a commit".to_owned(),
    )))
}

/// Whether the database's error code means that a retry may succeed.
fn is_transient(code: &str) -> bool {
    const POSTGRES: [&str; 10] = [
        // Connection lost, resources exhausted, the session or the server ends or starts.
        "08", "53", "57P0", // Serialization failure, deadlock.
        "40001", "40P01",
        // A lock, a statement, the next statement of a transaction, a transaction took too long.
        "55P03", "57014", "25P03", "25P04",
        // A standby, or a database that its administrator made read-only.
        "25006",
    ];
    // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_IOERR and SQLITE_FULL are the low byte of
    // an extended code.
    let sqlite = code
        .parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 8 | 10 | 13));
    let postgres = code.len() == 5 && POSTGRES.iter().any(|start| code.starts_with(start));
    postgres || (code.len() < 5 && sqlite)
}

/// `SQLITE_CONSTRAINT_PRIMARYKEY`, the extended code for a duplicate primary key.
const SQLITE_PRIMARY_KEY: &str = "1555";

/// The name that Postgres gives the constraint. SQLite reports its columns
/// (`UNIQUE constraint failed: users.email`, which is `users_email_key`), or the name of an index
/// on expressions.
fn sqlite_constraint(message: &str, primary: bool) -> String {
    let broken = message.rsplit(": ").next().unwrap_or_default();
    let index = broken.strip_prefix("index '");
    if let Some(index) = index.and_then(|rest| rest.strip_suffix('\'')) {
        return index.to_owned();
    }
    let (table, _) = broken.split_once('.').unwrap_or((broken, ""));
    if primary {
        return format!("{table}_pkey");
    }
    let mut constraint = table.to_owned();
    for column in broken.split(", ") {
        let (_, name) = column.split_once('.').unwrap_or(("", column));
        constraint.push('_');
        constraint.push_str(name);
    }
    constraint + "_key"
}

impl From<sqlx::Error> for DbError {
    fn from(error: sqlx::Error) -> Self {
        map_sqlx_error(error).into()
    }
}

impl From<DbError> for AccessError {
    fn from(error: DbError) -> Self {
        Self::Database(BoxError::new(error))
    }
}

impl From<DbError> for PageError {
    fn from(error: DbError) -> Self {
        Self::Database(BoxError::new(error))
    }
}

impl DomainError for DbError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable(_) | Self::ShareInUse => ErrorKind::Unavailable,
            _ => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "database_unavailable",
            Self::ShareInUse => "overloaded",
            _ => "internal_error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transient_errors_are_recognized_by_their_code() {
        for code in [
            "40P01", "40001", "55P03", "57014", "25P03", "25P04", "57P01", "57P05", "53300",
            "08006", "25006", "5", "6", "8", "517", "1032", "13",
        ] {
            assert!(is_transient(code), "{code}");
        }
        for code in ["23505", "42601", "1", "1555", "787", ""] {
            assert!(!is_transient(code), "{code}");
        }
    }

    #[test]
    fn a_constraint_has_the_same_name_on_both_databases() {
        let one = "UNIQUE constraint failed: users.email";
        assert_eq!(sqlite_constraint(one, false), "users_email_key");
        let two = "UNIQUE constraint failed: members.organization_id, members.user_id";
        assert_eq!(
            sqlite_constraint(two, false),
            "members_organization_id_user_id_key"
        );
        let primary = "UNIQUE constraint failed: members.organization_id, members.id";
        assert_eq!(sqlite_constraint(primary, true), "members_pkey");
        let index = "UNIQUE constraint failed: index 'users_lower_key'";
        assert_eq!(sqlite_constraint(index, false), "users_lower_key");
    }
}
