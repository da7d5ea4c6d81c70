//! Dropping everything that migrations can have made, and nothing else.

use sea_orm_migration::{
    DbErr,
    sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait as _},
};

/// Drops every object of ours in the database.
pub(super) async fn everything(db: &DatabaseConnection) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::Sqlite => sqlite(db).await,
        _ => db.execute_unprepared(POSTGRES).await.map(drop),
    }
}

/// Tables, views, sequences, routines and types in the current schema that our role may drop.
/// What belongs to an extension stays, and the schema itself too: it is often another's.
///
/// Identity sequences go with their table and refuse to go before it; hence the order.
const POSTGRES: &str = r"
DO $$
DECLARE
  command text;
BEGIN
  IF EXISTS (SELECT FROM pg_class c
    WHERE c.relname = 'seaql_migrations' AND c.relnamespace = current_schema()::regnamespace
      AND NOT pg_has_role(c.relowner, 'USAGE'))
  THEN
    RAISE EXCEPTION 'the tables belong to another role: name it in TENANTRY__DATABASE__MIGRATION_URL';
  END IF;
  FOR command IN
    SELECT format('DROP %s IF EXISTS %I.%I CASCADE', kinds.word, n.nspname, c.relname)
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN (VALUES
      ('v', 'VIEW', 1), ('m', 'MATERIALIZED VIEW', 1), ('f', 'FOREIGN TABLE', 2),
      ('p', 'TABLE', 2), ('r', 'TABLE', 2), ('S', 'SEQUENCE', 3), ('c', 'TYPE', 3)
    ) AS kinds (kind, word, turn) ON kinds.kind = c.relkind::text
    WHERE n.nspname = current_schema() AND pg_has_role(c.relowner, 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY kinds.turn
  LOOP
    EXECUTE command;
  END LOOP;
  FOR command IN
    SELECT format('DROP ROUTINE IF EXISTS %I.%I(%s) CASCADE',
      n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
    FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = current_schema() AND pg_has_role(p.proowner, 'USAGE')
      AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
  LOOP
    EXECUTE command;
  END LOOP;
  FOR command IN
    SELECT format('DROP TYPE IF EXISTS %I.%I CASCADE', n.nspname, t.typname)
    FROM pg_type t
    JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = current_schema() AND pg_has_role(t.typowner, 'USAGE')
      AND t.typtype IN ('d', 'e', 'r')
      AND NOT EXISTS (SELECT FROM pg_depend d
        WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
  LOOP
    EXECUTE command;
  END LOOP;
END $$";

async fn sqlite(db: &DatabaseConnection) -> Result<(), DbErr> {
    // Dropping a table deletes its rows first, and those of its children would object. The
    // setting can't change inside a transaction.
    db.execute_unprepared("PRAGMA foreign_keys = OFF").await?;
    let transaction = db.begin().await?;
    // A virtual table goes before the tables that it keeps its data in: it takes them along.
    let objects = "SELECT type, name FROM sqlite_schema \
        WHERE type IN ('view', 'table') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
        ORDER BY type = 'table', sql NOT LIKE 'CREATE VIRTUAL TABLE%'";
    let statement = Statement::from_string(DbBackend::Sqlite, objects);
    for row in transaction.query_all_raw(statement).await? {
        let kind: String = row.try_get("", "type")?;
        let name = row.try_get::<String>("", "name")?.replace('"', "\"\"");
        let command = format!("DROP {kind} IF EXISTS \"{name}\"");
        transaction.execute_unprepared(&command).await?;
    }
    transaction.commit().await?;
    db.execute_unprepared("PRAGMA foreign_keys = ON")
        .await
        .map(drop)
}
