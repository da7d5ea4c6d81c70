//! Checks that row-level security is effective, once, before the server starts.

use std::fmt;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{Backend, Database, DbError};

/// A gap in row-level security: a statement could leave its organization on Postgres.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RlsGap {
    /// The role is a superuser, or has BYPASSRLS.
    PrivilegedRole {
        /// The role of the connection.
        role: String,
    },
    /// The role owns a table of tenants, or is a member of its owner, and could drop its policies.
    OwnerRole {
        /// The role of the connection.
        role: String,
        /// The table.
        table: String,
    },
    /// A table of tenants is not protected: row-level security is off, not forced, or has no policy.
    OpenTable {
        /// The table.
        table: String,
    },
}

impl RlsGap {
    /// What is wrong, once for each remedy, however many tables it concerns, and the remedy.
    #[must_use]
    pub fn by_remedy(gaps: &[Self]) -> Vec<(String, &'static str)> {
        let tables =
            |gap: fn(&Self) -> Option<&str>| -> Vec<&str> { gaps.iter().filter_map(gap).collect() };
        let owned = tables(|gap| match gap {
            Self::OwnerRole { table, .. } => Some(table),
            _ => None,
        });
        let open = tables(|gap| match gap {
            Self::OpenTable { table } => Some(table),
            _ => None,
        });
        let mut found: Vec<(String, &'static str)> = Vec::new();
        for gap in gaps {
            let problem = match gap {
                Self::OwnerRole { role, .. } if owned.len() > 1 => format!(
                    "the role {role} owns the tables {} and could lift their row-level security",
                    owned.join(", ")
                ),
                Self::OpenTable { .. } if open.len() > 1 => format!(
                    "the tables {} are not held by row-level security",
                    open.join(", ")
                ),
                _ => gap.problem(),
            };
            if !found.iter().any(|(known, _)| *known == problem) {
                found.push((problem, gap.remedy()));
            }
        }
        found
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> String {
        match self {
            Self::PrivilegedRole { role } => {
                format!("the role {role} could bypass row-level security")
            }
            Self::OwnerRole { role, table } => format!(
                "the role {role} owns the table {table} and could lift its row-level security"
            ),
            Self::OpenTable { table } => {
                format!("the table {table} is not held by row-level security")
            }
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::PrivilegedRole { .. } | Self::OwnerRole { .. } => {
                "make a role for the application (CREATE ROLE tenantry_app LOGIN PASSWORD '…'), \
                 name it in DATABASE_URL, name the owner of the tables in \
                 TENANTRY__DATABASE__MIGRATION_URL, and run `tenantry migrate up`"
            }
            Self::OpenTable { .. } => "make it with `create_tenant_table` in its migration",
        }
    }
}

/// The gap, and what to do about it.
impl fmt::Display for RlsGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.problem(), self.remedy())
    }
}

const TABLES: &str = "
    SELECT c.relname::text AS name, pg_has_role(current_user, c.relowner, 'MEMBER') AS owned,
           c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
             SELECT FROM pg_policy p
             WHERE p.polrelid = c.oid AND p.polname = 'tenant_isolation'
           ) AS held
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE a.attname = 'organization_id' AND NOT a.attisdropped
      AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
    ORDER BY c.relname";

const ROLE: &str = "
    SELECT rolname::text AS name, rolsuper OR rolbypassrls AS privileged
    FROM pg_roles WHERE rolname = current_user";

impl Database {
    /// Every gap in row-level security. SQLite has no row-level security, and so no gaps.
    ///
    /// # Errors
    /// When the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "reads Postgres's catalog, which no organization owns"
    )]
    pub async fn row_security_gaps(&self) -> Result<Vec<RlsGap>, DbError> {
        if self.backend() == Backend::Sqlite {
            return Ok(Vec::new());
        }
        let rows = self.read_global();
        let query = async |sql| {
            let statement = Statement::from_string(DbBackend::Postgres, sql);
            rows.connection().query_all_raw(statement).await
        };
        let mut gaps = Vec::new();
        let mut role = String::new();
        for row in query(ROLE).await? {
            role = row.try_get("", "name")?;
            if row.try_get("", "privileged")? {
                gaps.push(RlsGap::PrivilegedRole { role: role.clone() });
            }
        }
        let privileged = !gaps.is_empty();
        for row in query(TABLES).await? {
            let table: String = row.try_get("", "name")?;
            // A superuser owns every table; one gap says so.
            if !privileged && row.try_get("", "owned")? {
                let (role, table) = (role.clone(), table.clone());
                gaps.push(RlsGap::OwnerRole { role, table });
            }
            if !row.try_get("", "held")? {
                gaps.push(RlsGap::OpenTable { table });
            }
        }
        Ok(gaps)
    }
}
