//! What the application's role may do with the tables of the migrating role.

use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};
use tenantry_core::db::{Backend, ConnectError, DatabaseUrl};

use super::{connection::Session, history::Reader};
use crate::error::MigrationError;

/// Lets a role read and write the rows of every table, and nothing else: it owns none, and so
/// can't lift the row-level security that isolates organizations. On SQLite there are no roles.
///
/// Everything else that was granted to the role or to everyone before is taken back.
///
/// # Errors
/// See [`MigrationError`]. The role must exist.
pub async fn grant(url: &str, role: &str) -> Result<(), MigrationError> {
    let url = DatabaseUrl::parse(url).map_err(MigrationError::Address)?;
    let session = Session::open(&url).await?;
    let db = session.database();
    let outcome = if db.get_database_backend() == DbBackend::Postgres {
        let role = role.replace('\'', "''");
        // One message is one transaction: no request finds its rights missing.
        let rights = format!("SET tenantry.application = '{role}'; {RIGHTS}");
        db.execute_unprepared(&rights).await.map(drop)
    } else {
        Ok(())
    };
    session.close().await;
    Ok(outcome?)
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

/// - A view is read only: a write through it would have the rights of its owner.
/// - The log of events is read and added to; `prune_event_log` deletes from it.
/// - Only the owner writes which migrations there are.
/// - Roles that read everything, such as that of backups, may still connect.
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

const EXCESS: &str = "
SELECT wanted || ' on ' || c.relname
FROM pg_class c, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) wanted
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND NOT EXISTS (SELECT FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  AND has_table_privilege(c.oid, wanted)
  AND NOT (c.relkind IN ('r', 'p') AND wanted IN ('INSERT', 'UPDATE', 'DELETE')
    AND c.relname NOT IN ('seaql_migrations', 'migration_compatibility')
    AND (c.relname <> 'event_log' OR wanted = 'INSERT'))
UNION ALL
SELECT 'CREATE on the schema public' WHERE has_schema_privilege('public', 'CREATE')
UNION ALL
SELECT wanted || ' on the database' FROM unnest(ARRAY['CREATE', 'TEMPORARY']) wanted
WHERE has_database_privilege(current_database(), wanted)
UNION ALL
SELECT 'CONNECT on the database, as every role of the server'
FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
WHERE d.datname = current_database() AND a.grantee = 0 AND a.privilege_type = 'CONNECT'
ORDER BY 1";
