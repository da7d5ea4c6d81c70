//! What the application's role may do with the tables of the migrating role.

use sea_orm_migration::{
    DbErr,
    sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, Statement},
};
use tenantry_core::db::{Backend, ConnectError, DatabaseUrl, Published};

use super::{connection::Session, history::Reader};
use crate::error::MigrationError;

/// Lets a role read and write the rows of every table, and nothing else: it owns none, and so
/// can't lift the row-level security that isolates organizations. On SQLite there are no roles.
///
/// Everything else that was granted to the role or to everyone before is taken back, and returned. Of
/// what has the rights of its owner, the role may use what is `published`; `None` leaves all of it.
///
/// # Errors
/// See [`MigrationError`]. The role must exist.
pub async fn grant(
    url: &str,
    role: &str,
    published: Option<&Published>,
) -> Result<Vec<String>, MigrationError> {
    let url = DatabaseUrl::parse(url).map_err(MigrationError::Address)?;
    if url.backend() == Backend::Sqlite {
        return Ok(Vec::new());
    }
    let session = Session::open(&url).await?;
    let outcome = grant_in(session.database(), role, published).await;
    session.close().await;
    Ok(outcome?)
}

async fn grant_in(
    db: &DatabaseConnection,
    role: &str,
    published: Option<&Published>,
) -> Result<Vec<String>, DbErr> {
    let role = role.replace('\'', "''");
    let (views, functions) = match published {
        Some(published) => (published.views.join("|"), published.functions.join("|")),
        None => (ALL.to_owned(), ALL.to_owned()),
    };
    db.execute_unprepared(&format!(
        "SET tenantry.application = '{role}'; SET tenantry.views = '{views}';
         SET tenantry.functions = '{functions}'"
    ))
    .await?;
    let before = excess_in(db).await?;
    // One message is one transaction: no request finds its rights missing.
    let rights = RIGHTS.replace("OWNERS_RIGHTS", OWNERS_RIGHTS);
    db.execute_unprepared(&rights).await?;
    let left = excess_in(db).await?;
    let taken_back = before.into_iter().filter(|right| !left.contains(right));
    Ok(taken_back.collect())
}

/// What the role of `tenantry.application` may do beyond its rights.
async fn excess_in(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let excess = EXCESS.replace("current_user", APPLICATION);
    let owners = format!(
        "SELECT 'every right to ' || right_to AS excess FROM ({OWNERS_RIGHTS}) found ORDER BY 1"
    );
    let mut found = Vec::new();
    for query in [excess, owners] {
        let query = Statement::from_string(DbBackend::Postgres, query);
        for row in db.query_all_raw(query).await? {
            found.push(row.try_get("", "excess")?);
        }
    }
    Ok(found)
}

/// What the role of this address may do beyond [`grant`]: rights of an earlier version, or of an
/// administrator. On SQLite there are none.
///
/// # Errors
/// When the database can't be reached.
pub async fn excess_rights(url: &str) -> Result<Vec<String>, MigrationError> {
    let url = DatabaseUrl::parse(url).map_err(MigrationError::Address)?;
    if url.backend() == Backend::Sqlite {
        return Ok(Vec::new());
    }
    let Some(mut reader) = Reader::open(&url).await? else {
        return Ok(Vec::new());
    };
    let excess = reader.read(EXCESS, EXCESS).await;
    reader.close().await;
    Ok(excess.map_err(ConnectError::Refused)?)
}

/// Stands for every name in `tenantry.views` and `tenantry.functions`.
const ALL: &str = "*";

/// The role that rights are granted to.
const APPLICATION: &str = "current_setting('tenantry.application')::name";

/// What has the rights of its owner, is not published, and can be used by the role: how it is shown,
/// how statements name it, and its owner.
const OWNERS_RIGHTS: &str = "
  SELECT CASE WHEN c.relkind = 'm' THEN 'the materialized view ' ELSE 'the view ' END
    || c.oid::regclass::text AS right_to, format('TABLE %I.%I', n.nspname, c.relname) AS target,
    c.relowner AS owned_by
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('v', 'm') AND c.oid >= 16384 AND n.nspname <> 'information_schema'
    AND current_setting('tenantry.views') <> '*'
    AND NOT (n.nspname = 'public' AND c.relkind = 'v'
      AND c.relname = ANY (string_to_array(current_setting('tenantry.views'), '|')))
    AND NOT (c.relkind = 'v' AND EXISTS (
      SELECT FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker'
        AND lower(option_value) IN ('true', 'on', 'yes', '1')))
    AND NOT EXISTS (SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    AND (has_table_privilege(current_setting('tenantry.application')::name, c.oid,
        'SELECT, INSERT, UPDATE, DELETE')
      OR has_any_column_privilege(current_setting('tenantry.application')::name, c.oid,
        'SELECT, INSERT, UPDATE'))
  UNION ALL
  SELECT 'the function ' || p.oid::regprocedure::text, 'ROUTINE ' || p.oid::regprocedure::text,
    p.proowner
  FROM pg_proc p
  WHERE p.prosecdef AND p.oid >= 16384
    AND current_setting('tenantry.functions') <> '*'
    AND NOT EXISTS (
      SELECT FROM unnest(string_to_array(current_setting('tenantry.functions'), '|')) AS f (signature)
      WHERE to_regprocedure('public.' || f.signature) = p.oid)
    AND NOT EXISTS (SELECT FROM pg_depend d
      WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
    AND has_function_privilege(current_setting('tenantry.application')::name, p.oid, 'EXECUTE')";

/// - A view is read only: a write through it would have the rights of its owner.
/// - The log of events is read and added to; `prune_event_log` deletes from it.
/// - Only the owner writes which migrations there are.
/// - Roles that read everything, such as that of backups, may still connect.
/// - What has the rights of its owner is used where it is published only.
/// - What the owner makes later is of no other role by default.
/// - A large object could not be read by the role of backups, which would then fail.
const RIGHTS: &str = "
DO $$
DECLARE
  application text := quote_ident(current_setting('tenantry.application'));
  object record;
BEGIN
  FOR object IN
    SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relname, c.relkind
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND pg_has_role(c.relowner, 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, %s', object.name, application);
    EXECUTE format('GRANT SELECT ON %s TO %s', object.name, application);
    IF object.relkind NOT IN ('r', 'p')
      OR object.relname IN ('seaql_migrations', 'migration_compatibility')
    THEN
      CONTINUE;
    END IF;
    EXECUTE format('GRANT INSERT ON %s TO %s', object.name, application);
    IF object.relname <> 'event_log' THEN
      EXECUTE format('GRANT UPDATE, DELETE ON %s TO %s', object.name, application);
    END IF;
  END LOOP;
  FOR object IN
    SELECT p.oid::regprocedure AS name FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace AND pg_has_role(p.proowner, 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
  LOOP
    EXECUTE format('REVOKE ALL ON ROUTINE %s FROM PUBLIC, %s', object.name, application);
    EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %s', object.name, application);
  END LOOP;
  FOR object IN
    SELECT found.target FROM (OWNERS_RIGHTS) found WHERE pg_has_role(found.owned_by, 'USAGE')
  LOOP
    EXECUTE format('REVOKE ALL ON %s FROM PUBLIC, %s', object.target, application);
  END LOOP;
  FOR object IN
    SELECT DISTINCT
      CASE WHEN d.defaclnamespace = 0 THEN ''
        ELSE format('IN SCHEMA %I', (SELECT nspname FROM pg_namespace
          WHERE oid = d.defaclnamespace)) END AS place,
      CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES'
        WHEN 'f' THEN 'FUNCTIONS' WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END AS kind,
      CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE application END AS grantee,
      pg_get_userbyid(d.defaclrole) AS owner
    FROM pg_default_acl d, aclexplode(d.defaclacl) a
    WHERE d.defaclrole = (SELECT c.relowner FROM pg_class c
        WHERE c.relname = 'seaql_migrations' AND c.relnamespace = 'public'::regnamespace)
      AND pg_has_role(d.defaclrole, 'USAGE') AND d.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')
      AND a.grantee IN (0, (SELECT oid FROM pg_roles
        WHERE rolname = current_setting('tenantry.application')))
      AND NOT (a.grantee = 0 AND d.defaclnamespace = 0 AND d.defaclobjtype IN ('f', 'T'))
  LOOP
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %s REVOKE ALL ON %s FROM %s',
      object.owner, object.place, object.kind, object.grantee);
  END LOOP;
  IF pg_has_role((SELECT proowner FROM pg_proc
    WHERE oid = 'pg_catalog.lo_create(oid)'::regprocedure), 'USAGE')
  THEN
    EXECUTE format('REVOKE ALL ON FUNCTION pg_catalog.lo_create(oid), pg_catalog.lo_creat(integer),
      pg_catalog.lo_from_bytea(oid, bytea) FROM PUBLIC, %s', application);
  END IF;
  IF pg_has_role((SELECT nspowner FROM pg_namespace WHERE nspname = 'public'), 'USAGE') THEN
    EXECUTE format('REVOKE ALL ON SCHEMA public FROM PUBLIC, %s', application);
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %s', application);
  END IF;
  IF pg_has_role((SELECT datdba FROM pg_database WHERE datname = current_database()), 'USAGE') THEN
    FOR object IN
      SELECT rolname FROM pg_roles
      WHERE rolcanlogin AND NOT rolsuper AND pg_has_role(oid, 'pg_read_all_data', 'USAGE')
    LOOP
      EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), object.rolname);
    END LOOP;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC, %s', current_database(), application);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %s', current_database(), application);
  END IF;
END $$";

/// Rights beyond those of [`RIGHTS`], of `current_user`. What has the rights of its owner is a gap in
/// row-level security, and found there.
const EXCESS: &str = "
SELECT wanted || ' on ' || c.relname AS excess
FROM pg_class c, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) wanted
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND has_table_privilege(current_user, c.oid, wanted)
  AND NOT (c.relkind IN ('r', 'p') AND wanted IN ('INSERT', 'UPDATE', 'DELETE')
    AND c.relname NOT IN ('seaql_migrations', 'migration_compatibility')
    AND (c.relname <> 'event_log' OR wanted = 'INSERT'))
UNION ALL
SELECT 'CREATE on the schema public' WHERE has_schema_privilege(current_user, 'public', 'CREATE')
UNION ALL
SELECT wanted || ' on the database' FROM unnest(ARRAY['CREATE', 'TEMPORARY']) wanted
WHERE has_database_privilege(current_user, current_database(), wanted)
UNION ALL
SELECT 'CONNECT on the database, as every role of the server'
FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type = 'CONNECT'
UNION ALL
SELECT DISTINCT 'by default ' || a.privilege_type || ' on later ' || CASE d.defaclobjtype
  WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' WHEN 'T' THEN 'types'
  ELSE 'schemas' END || ' of ' || pg_get_userbyid(d.defaclrole)
FROM pg_default_acl d, aclexplode(d.defaclacl) a
WHERE d.defaclrole = (SELECT c.relowner FROM pg_class c
    WHERE c.relname = 'seaql_migrations' AND c.relnamespace = 'public'::regnamespace)
  AND d.defaclobjtype IN ('r', 'S', 'f', 'T', 'n')
  AND a.grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
  AND NOT (a.grantee = 0 AND d.defaclnamespace = 0 AND d.defaclobjtype IN ('f', 'T'))
UNION ALL
SELECT 'EXECUTE on ' || created || ', which makes large objects'
FROM unnest(ARRAY['lo_create(oid)', 'lo_creat(integer)', 'lo_from_bytea(oid, bytea)']) created
WHERE has_function_privilege(current_user, 'pg_catalog.' || created, 'EXECUTE')
ORDER BY 1";
