//! Checks that row-level security is effective, once, before the server starts.

use std::fmt;

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement};

use super::{Backend, Database, DbError};

/// A gap in row-level security: a statement could leave its organization on Postgres.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RlsGap {
    /// The role could bypass row-level security, or give itself other roles.
    PrivilegedRole {
        /// The role of the connection.
        role: String,
        /// What makes it so: attributes of the role, or of roles that it is a member of.
        by: String,
    },
    /// The role owns something of the database, or is a member of its owner: it could drop policies,
    /// or replace what runs with the owner's rights.
    OwnerRole {
        /// The role of the connection.
        role: String,
        /// What it owns, such as `the table projects`.
        object: String,
    },
    /// A table of tenants is not protected: row-level security is off, not forced, or has no policy.
    OpenTable {
        /// The table.
        table: String,
    },
}

impl RlsGap {
    /// What is wrong, once for each remedy, however many objects it concerns, and the remedy.
    #[must_use]
    pub fn by_remedy(gaps: &[Self]) -> Vec<(String, &'static str)> {
        let names =
            |gap: fn(&Self) -> Option<&str>| -> Vec<&str> { gaps.iter().filter_map(gap).collect() };
        let owned = names(|gap| match gap {
            Self::OwnerRole { object, .. } => Some(object),
            _ => None,
        });
        let open = names(|gap| match gap {
            Self::OpenTable { table } => Some(table),
            _ => None,
        });
        let mut found: Vec<(String, &'static str)> = Vec::new();
        for gap in gaps {
            let problem = match gap {
                Self::OwnerRole { role, .. } => owner_problem(role, &owned.join(", ")),
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
            Self::PrivilegedRole { role, by } => {
                format!("the role {role} could bypass row-level security by {by}")
            }
            Self::OwnerRole { role, object } => owner_problem(role, object),
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

fn owner_problem(role: &str, objects: &str) -> String {
    format!("the role {role} owns {objects} and could lift row-level security")
}

/// The gap, and what to do about it.
impl fmt::Display for RlsGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.problem(), self.remedy())
    }
}

/// The tables of tenants that row-level security does not hold.
const OPEN: &str = "
    SELECT c.relname::text AS name
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE a.attname = 'organization_id' AND NOT a.attisdropped
      AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
        SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'tenant_isolation'))
    ORDER BY c.relname";

/// What the role owns, or could own by `SET ROLE`. What every role may own, a temporary table, is not
/// among it.
const OWNED: &str = "
    WITH owned (kind, name, owner) AS (
      SELECT 1, 'the database ' || datname, datdba FROM pg_database
      WHERE datname = current_database()
      UNION ALL
      SELECT 2, 'the schema ' || nspname, nspowner FROM pg_namespace
      WHERE nspname !~ '^pg_(toast_)?temp_'
      UNION ALL
      SELECT 3, CASE WHEN c.relkind IN ('v', 'm') THEN 'the view ' ELSE 'the table ' END || c.relname,
             c.relowner
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_(toast_)?temp_'
      UNION ALL
      SELECT 4, 'the function ' || p.proname, p.proowner FROM pg_proc p
    )
    SELECT name FROM owned WHERE pg_has_role(owner, 'MEMBER') ORDER BY kind, name";

/// Attributes and predefined roles that let a role read or write everything, run programs on the
/// server, or give itself other roles; of the role, and of each role that it can become.
const PRIVILEGES: &str = "
    WITH reached AS (
      SELECT r.*, r.rolname = current_user AS own FROM pg_roles r
      WHERE pg_has_role(r.oid, 'MEMBER')
    ), privileges (turn, name) AS (
      SELECT 1, word || CASE WHEN own THEN '' ELSE ' of ' || rolname END
      FROM reached, LATERAL (VALUES ('SUPERUSER', rolsuper), ('BYPASSRLS', rolbypassrls),
        ('CREATEROLE', rolcreaterole), ('REPLICATION', rolreplication)) AS a (word, is_set)
      WHERE is_set
      UNION ALL
      SELECT 2, 'membership in ' || rolname FROM reached
      WHERE rolname IN ('pg_read_server_files', 'pg_write_server_files',
        'pg_execute_server_program', 'pg_write_all_data', 'pg_maintain')
      UNION ALL
      SELECT 3, 'membership with admin option in ' || r.rolname
      FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
      WHERE m.admin_option AND pg_has_role(m.member, 'MEMBER')
    )
    SELECT name FROM privileges ORDER BY turn, name";

/// The role, unless it is a superuser.
const PLAIN_ROLE: &str = "
    SELECT rolname::text AS name FROM pg_roles WHERE rolname = current_user AND NOT rolsuper";

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
        let names = async |sql| -> Result<Vec<String>, DbErr> {
            let statement = Statement::from_string(DbBackend::Postgres, sql);
            let found = rows.connection().query_all_raw(statement).await?;
            found.iter().map(|row| row.try_get("", "name")).collect()
        };
        let mut gaps = Vec::new();
        let role = names("SELECT current_user::text AS name").await?.concat();
        let is_superuser = names(PLAIN_ROLE).await?.is_empty();
        if is_superuser {
            // It owns everything and is a member of every role; one gap says so.
            let by = "SUPERUSER".to_owned();
            gaps.push(RlsGap::PrivilegedRole { role, by });
        } else {
            let privileges = names(PRIVILEGES).await?;
            if !privileges.is_empty() {
                let (role, by) = (role.clone(), privileges.join(", "));
                gaps.push(RlsGap::PrivilegedRole { role, by });
            }
            let owned = names(OWNED).await?.into_iter();
            gaps.extend(owned.map(|object| {
                let role = role.clone();
                RlsGap::OwnerRole { role, object }
            }));
        }
        let open = names(OPEN).await?.into_iter();
        gaps.extend(open.map(|table| RlsGap::OpenTable { table }));
        Ok(gaps)
    }
}
