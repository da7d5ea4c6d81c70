//! What can go wrong between us and the database, as facts.

use sea_orm::{DbErr, RuntimeErr};

use crate::error::{DomainError, ErrorKind};

/// A failure of the database, or of a statement.
///
/// A broken uniqueness rule carries the rule's name, so that a module can turn it into its own
/// fact (`slug_taken`) without looking before it writes.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The database can't be reached, or has no connection free.
    #[error("the database is not available")]
    Unavailable(#[source] DbErr),
    /// Another row holds these values already.
    #[error("a row with the same {key} exists")]
    UniqueViolation {
        /// The rule, named as Postgres names it: `table_column_column_key`.
        key: String,
    },
    /// A row that this one belongs to does not exist (in this organization).
    #[error("a row that this one belongs to does not exist")]
    ForeignKeyViolation(#[source] DbErr),
    /// An update that sets nothing. SeaORM would turn it into an unfiltered read.
    #[error("an update must set something")]
    EmptyUpdate,
    /// An update or a deletion without a filter.
    #[error("a write must say which rows it means")]
    MissingFilter,
    /// A write that names the organization column: it comes from the scope alone.
    #[error("the organization of a row comes from its scope and never changes")]
    TenantMismatch,
    /// An entity whose declaration and columns contradict each other.
    #[error("the declaration of {table} does not fit its columns")]
    InvalidEntity {
        /// The table.
        table: String,
    },
    /// A commit after a statement failed: everything was undone.
    #[error("a statement failed before, and the unit of work was undone")]
    RolledBack,
    /// A listener was told of an event that was handled already: what it did is undone.
    #[error("this delivery was handled already")]
    AlreadyHandled,
    /// Everything else: our bug.
    #[error("the database refused a statement")]
    Statement(#[source] DbErr),
}

impl DbError {
    /// The same failure once more, for each of several who asked together.
    #[must_use]
    pub fn share(&self) -> Self {
        let cause = || DbErr::Custom(self.to_string());
        match self {
            Self::Unavailable(_) => Self::Unavailable(cause()),
            _ => Self::Statement(cause()),
        }
    }

    /// Whether this is a violation of the uniqueness rule of that name.
    #[must_use]
    pub fn is_duplicate_of(&self, rule: &str) -> bool {
        matches!(self, Self::UniqueViolation { key } if key == rule)
    }
}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        use sea_orm::sqlx::error::ErrorKind;

        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Self::Unavailable(error),
            DbErr::Exec(RuntimeErr::SqlxError(cause))
            | DbErr::Query(RuntimeErr::SqlxError(cause)) => match &**cause {
                sea_orm::sqlx::Error::Database(refusal) => match refusal.kind() {
                    ErrorKind::UniqueViolation => {
                        let primary = refusal.code().as_deref() == Some(SQLITE_PRIMARY_KEY);
                        let key = refusal.constraint().map_or_else(
                            || sqlite_rule(refusal.message(), primary),
                            ToOwned::to_owned,
                        );
                        return Self::UniqueViolation { key };
                    }
                    ErrorKind::ForeignKeyViolation => return Self::ForeignKeyViolation(error),
                    _ if refusal.code().is_some_and(|code| is_transient(&code)) => {
                        return Self::Unavailable(error);
                    }
                    _ => {}
                },
                sea_orm::sqlx::Error::Io(_)
                | sea_orm::sqlx::Error::PoolTimedOut
                | sea_orm::sqlx::Error::PoolClosed
                | sea_orm::sqlx::Error::WorkerCrashed => return Self::Unavailable(error),
                _ => {}
            },
            _ => {}
        }
        Self::Statement(error)
    }
}

/// Whether the database could not do it now and may do it later, by its own code.
fn is_transient(code: &str) -> bool {
    const POSTGRES: [&str; 9] = [
        // Connection lost, resources exhausted, shutting down or starting up.
        "08", "53", "57P01", "57P02", "57P03",
        // Serialization failure, deadlock, lock not available, statement cancelled.
        "40001", "40P01", "55P03", "57014",
    ];
    // Another process holds SQLite's file; the code's low byte says so.
    let sqlite = code
        .parse::<u32>()
        .is_ok_and(|code| matches!(code & 0xff, 5 | 6));
    let postgres = code.len() == 5 && POSTGRES.iter().any(|start| code.starts_with(start));
    postgres || (code.len() < 5 && sqlite)
}

/// SQLite's extended code for a primary key that is taken: `SQLITE_CONSTRAINT_PRIMARYKEY`.
const SQLITE_PRIMARY_KEY: &str = "1555";

/// SQLite names the columns (`UNIQUE constraint failed: users.email`); Postgres would call the
/// same rule `users_email_key`. It names the index where that holds expressions.
fn sqlite_rule(message: &str, primary: bool) -> String {
    let broken = message.rsplit(": ").next().unwrap_or_default();
    let index = broken.strip_prefix("index '");
    if let Some(index) = index.and_then(|rest| rest.strip_suffix('\'')) {
        return index.to_owned();
    }
    let (table, _) = broken.split_once('.').unwrap_or((broken, ""));
    if primary {
        return format!("{table}_pkey");
    }
    let mut rule = table.to_owned();
    for column in broken.split(", ") {
        let (_, name) = column.split_once('.').unwrap_or(("", column));
        rule.push('_');
        rule.push_str(name);
    }
    rule + "_key"
}

impl DomainError for DbError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unavailable(_) => ErrorKind::Unavailable,
            _ => ErrorKind::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "database_unavailable",
            _ => "internal_error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_work_later_is_told_from_what_never_will() {
        for code in ["40P01", "40001", "57P01", "53300", "08006", "5", "6", "517"] {
            assert!(is_transient(code), "{code}");
        }
        for code in ["23505", "42601", "1", "1555", "787", ""] {
            assert!(!is_transient(code), "{code}");
        }
    }

    #[test]
    fn both_databases_name_a_broken_rule_alike() {
        let one = "UNIQUE constraint failed: users.email";
        assert_eq!(sqlite_rule(one, false), "users_email_key");
        let two = "UNIQUE constraint failed: members.organization_id, members.user_id";
        assert_eq!(
            sqlite_rule(two, false),
            "members_organization_id_user_id_key"
        );
        let primary = "UNIQUE constraint failed: members.organization_id, members.id";
        assert_eq!(sqlite_rule(primary, true), "members_pkey");
        let index = "UNIQUE constraint failed: index 'users_lower_key'";
        assert_eq!(sqlite_rule(index, false), "users_lower_key");
    }
}
