//! Checks that row-level security is effective, once, before the server starts.

use std::{fmt, mem};

use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, Statement, Value};

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
    /// A policy of a table of tenants is not the reviewed one, and applies to the role.
    OtherPolicy {
        /// The policy and its table, such as `the policy extra on projects`.
        policy: String,
    },
    /// The role may use what has the rights of its owner and is not published: it could read or write
    /// rows of every organization through it.
    OwnersRights {
        /// The view, function or rule, such as `the view all_projects`.
        object: String,
    },
}

/// What has the rights of its owner and was reviewed, so that the application's role may use it.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// Names of views in the schema `public`.
    pub views: &'static [&'static str],
    /// Functions in the schema `public`, with the types of their arguments.
    pub functions: &'static [&'static str],
}

impl RlsGap {
    /// What is wrong, once for each remedy, however many objects it concerns, and the remedy.
    #[must_use]
    pub fn by_remedy(gaps: &[Self]) -> Vec<(String, &'static str)> {
        let mut found: Vec<(String, &'static str)> = Vec::new();
        for gap in gaps {
            let kind = mem::discriminant(gap);
            let alike = gaps
                .iter()
                .filter(|other| mem::discriminant(*other) == kind);
            let objects: Vec<_> = alike.map(Self::object).collect();
            let problem = gap.problem_of(&objects);
            if !found.iter().any(|(known, _)| *known == problem) {
                found.push((problem, gap.remedy()));
            }
        }
        found
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> String {
        self.problem_of(&[self.object()])
    }

    fn object(&self) -> &str {
        match self {
            Self::PrivilegedRole { by, .. } => by,
            Self::OpenTable { table } => table,
            Self::OtherPolicy { policy } => policy,
            Self::OwnerRole { object, .. } | Self::OwnersRights { object } => object,
        }
    }

    /// What is wrong with several objects, all with a gap of this kind.
    fn problem_of(&self, objects: &[&str]) -> String {
        let all = objects.join(", ");
        match self {
            Self::PrivilegedRole { role, by } => {
                format!("the role {role} could bypass row-level security by {by}")
            }
            Self::OwnerRole { role, .. } => {
                format!("the role {role} owns {all} and could lift row-level security")
            }
            Self::OpenTable { .. } if objects.len() > 1 => {
                format!("the tables {all} are not held by row-level security")
            }
            Self::OpenTable { .. } => format!("the table {all} is not held by row-level security"),
            Self::OtherPolicy { .. } => {
                format!("row-level security has other policies than the reviewed one: {all}")
            }
            Self::OwnersRights { .. } => format!(
                "row-level security does not hold what has the rights of its owner, and the \
                 application's role may use {all}"
            ),
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
            Self::OtherPolicy { .. } => {
                "drop each as the owner of its table (DROP POLICY … ON …); only `tenant_isolation`, \
                 as `create_tenant_table` makes it, may apply to the application's role"
            }
            Self::OwnersRights { .. } => {
                "run `tenantry migrate up` as the owner, which takes the rights back; what another \
                 role owns, that role drops, or revokes (REVOKE ALL ON … FROM PUBLIC, tenantry_app)"
            }
        }
    }
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

/// The policies of tenants' tables that apply to the role, without the reviewed one. Postgres prints
/// each expression in one way; the second is that of the log, which has events of no organization.
const OTHER_POLICIES: &str = "
    WITH reviewed (expression) AS (VALUES
      ('(organization_id = \
        (NULLIF(current_setting(''app.organization_id''::text, true), ''''::text))::uuid)'),
      ('(NOT (organization_id IS DISTINCT FROM \
        (NULLIF(current_setting(''app.organization_id''::text, true), ''''::text))::uuid))')
    ), policies AS (
      SELECT p.*, c.relname,
        replace(pg_get_expr(p.polqual, p.polrelid), 'pg_catalog.', '') AS sees,
        replace(pg_get_expr(p.polwithcheck, p.polrelid), 'pg_catalog.', '') AS writes
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
      WHERE EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid
        AND a.attname = 'organization_id' AND NOT a.attisdropped)
    )
    SELECT 'the policy ' || p.polname || ' on ' || p.relname AS name
    FROM policies p
    WHERE (0 = ANY (p.polroles) OR EXISTS (SELECT FROM unnest(p.polroles) AS named (role)
        WHERE role <> 0 AND pg_has_role(role, 'MEMBER')))
      AND NOT (p.polname = 'tenant_isolation' AND p.polpermissive AND p.polcmd = '*'
        AND EXISTS (SELECT FROM reviewed WHERE expression = p.sees)
        AND EXISTS (SELECT FROM reviewed WHERE expression = coalesce(p.writes, p.sees)))
    ORDER BY 1";

/// The views and functions with the rights of their owner that the role may use, or could by
/// `SET ROLE`, without the published ones ($1, $2), and rules, which have the rights of their table's
/// owner. What Postgres and its extensions brought along is
/// not among them; a function of a trigger can't be called.
const OWNERS_RIGHTS: &str = "
    WITH reached AS (
      SELECT oid FROM pg_roles WHERE pg_has_role(oid, 'MEMBER')
    ), extended AS (
      SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
    )
    SELECT CASE WHEN c.relkind = 'm' THEN 'the materialized view ' ELSE 'the view ' END
      || c.oid::regclass::text AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384 AND n.nspname <> 'information_schema'
      AND NOT (n.nspname = 'public' AND c.relkind = 'v'
        AND c.relname = ANY (string_to_array($1, '|')))
      AND NOT (c.relkind = 'v' AND EXISTS (
        SELECT FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker'
          AND lower(option_value) IN ('true', 'on', 'yes', '1')))
      AND NOT EXISTS (SELECT FROM extended
        WHERE classid = 'pg_class'::regclass AND objid = c.oid)
      AND EXISTS (SELECT FROM reached r WHERE has_schema_privilege(r.oid, n.oid, 'USAGE')
        AND (has_table_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
          OR has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE')))
    UNION ALL
    SELECT 'the function ' || p.oid::regprocedure::text
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND p.oid >= 16384
      AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
      AND NOT (n.nspname = 'public' AND p.proname || '(' || oidvectortypes(p.proargtypes) || ')'
        = ANY (string_to_array($2, '|')))
      AND NOT EXISTS (SELECT FROM extended
        WHERE classid = 'pg_proc'::regclass AND objid = p.oid)
      AND EXISTS (SELECT FROM reached r WHERE has_schema_privilege(r.oid, n.oid, 'USAGE')
        AND has_function_privilege(r.oid, p.oid, 'EXECUTE'))
    UNION ALL
    SELECT 'the rule ' || w.rulename || ' on ' || w.ev_class::regclass::text
    FROM pg_rewrite w
    WHERE w.rulename <> '_RETURN' AND w.oid >= 16384
      AND NOT EXISTS (SELECT FROM extended
        WHERE classid = 'pg_class'::regclass AND objid = w.ev_class)
    ORDER BY 1";

impl Database {
    /// Every gap in row-level security. SQLite has no row-level security, and so no gaps.
    ///
    /// What `published` names may have the rights of its owner.
    ///
    /// # Errors
    /// When the database fails.
    #[expect(
        clippy::disallowed_methods,
        reason = "reads Postgres's catalog, which no organization owns"
    )]
    pub async fn row_security_gaps(&self, published: &Published) -> Result<Vec<RlsGap>, DbError> {
        if self.backend() == Backend::Sqlite {
            return Ok(Vec::new());
        }
        let rows = self.read_global();
        let names = async |statement: Statement| -> Result<Vec<String>, DbErr> {
            let found = rows.connection().query_all_raw(statement).await?;
            found.iter().map(|row| row.try_get("", "name")).collect()
        };
        let mut gaps = Vec::new();
        let role = names(plain("SELECT current_user::text AS name"))
            .await?
            .concat();
        let is_superuser = names(plain(PLAIN_ROLE)).await?.is_empty();
        if is_superuser {
            // It owns everything and is a member of every role; one gap says so.
            let by = "SUPERUSER".to_owned();
            gaps.push(RlsGap::PrivilegedRole { role, by });
        } else {
            let privileges = names(plain(PRIVILEGES)).await?;
            if !privileges.is_empty() {
                let (role, by) = (role.clone(), privileges.join(", "));
                gaps.push(RlsGap::PrivilegedRole { role, by });
            }
            let owned = names(plain(OWNED)).await?.into_iter();
            gaps.extend(owned.map(|object| {
                let role = role.clone();
                RlsGap::OwnerRole { role, object }
            }));
        }
        // A role that could become more may use everything; its gap says so.
        if gaps.is_empty() {
            let policies = names(plain(OTHER_POLICIES)).await?.into_iter();
            gaps.extend(policies.map(|policy| RlsGap::OtherPolicy { policy }));
            let [views, functions] = [published.views, published.functions];
            let lists: [Value; 2] = [views.join("|").into(), functions.join("|").into()];
            let objects = Statement::from_sql_and_values(DbBackend::Postgres, OWNERS_RIGHTS, lists);
            let objects = names(objects).await?.into_iter();
            gaps.extend(objects.map(|object| RlsGap::OwnersRights { object }));
        }
        let open = names(plain(OPEN)).await?.into_iter();
        gaps.extend(open.map(|table| RlsGap::OpenTable { table }));
        Ok(gaps)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "reads Postgres's catalog, which no organization owns"
)]
fn plain(sql: &str) -> Statement {
    Statement::from_string(DbBackend::Postgres, sql)
}
