//! The keys of tenant tables, read from the databases' own catalogs.

use serde_json::Value;
use tenantry_testkit::{Backend, TestDatabase, each_database};

/// Everything that the catalogs say of a table with an `organization_id`: one row for the column
/// itself, one for each key, with the columns in their order.
const SQLITE: &str = "
    WITH tenant AS (
      SELECT t.name, c.\"notnull\" AS required FROM pragma_table_list t
      JOIN pragma_table_info(t.name) c ON c.name = 'organization_id'
      WHERE t.type = 'table' AND t.schema = 'main'
    )
    SELECT name AS tbl, 'column' AS kind, '' AS columns, '' AS target, required AS fine FROM tenant
    UNION ALL
    SELECT name, 'primary', (SELECT group_concat(name, ',') FROM
      (SELECT c.name FROM pragma_table_info(tenant.name) c WHERE c.pk > 0 ORDER BY c.pk)), '', 1
    FROM tenant
    UNION ALL
    SELECT tenant.name, 'unique', (SELECT group_concat(coalesce(i.name, '()'), ',') FROM
      (SELECT name FROM pragma_index_info(l.name) ORDER BY seqno) i), '', 1
    FROM tenant JOIN pragma_index_list(tenant.name) l WHERE l.\"unique\"
    UNION ALL
    SELECT tenant.name, 'foreign', group_concat(f.\"from\", ','), f.\"table\", f.on_delete = 'CASCADE'
    FROM tenant JOIN pragma_foreign_key_list(tenant.name) f GROUP BY tenant.name, f.id";

const POSTGRES: &str = "
    WITH tenant AS (
      SELECT c.oid, c.relname, a.attnotnull AS required FROM pg_class c
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id'
      WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
    )
    SELECT relname::text AS tbl, 'column' AS kind, '' AS columns, '' AS target, required::int::bigint AS fine
    FROM tenant
    UNION ALL
    SELECT t.relname::text, CASE WHEN i.indisprimary THEN 'primary' ELSE 'unique' END,
      (SELECT string_agg(coalesce(a.attname, '()')::text, ',' ORDER BY k.n)
       FROM unnest(i.indkey) WITH ORDINALITY k (num, n)
       LEFT JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num AND k.num > 0), '', 1
    FROM tenant t JOIN pg_index i ON i.indrelid = t.oid AND i.indisunique
    UNION ALL
    SELECT t.relname::text, 'foreign',
      (SELECT string_agg(a.attname::text, ',' ORDER BY k.n)
       FROM unnest(f.conkey) WITH ORDINALITY k (num, n)
       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.num),
      f.confrelid::regclass::text, (f.confdeltype = 'c')::int::bigint
    FROM tenant t JOIN pg_constraint f ON f.conrelid = t.oid AND f.contype = 'f'";

/// Global tables that a tenant's table may refer to by one column.
const GLOBAL: &[&str] = &["organizations", "users"];

/// The log of events is no tenant's table: events without an organization are in it, and those of
/// an organization outlive it, because the audit of a deletion is read after the deletion. Its key
/// begins with the stream, which is the organization where there is one; row-level security holds
/// it on Postgres.
const LOG: &str = "event_log";

async fn broken_keys(db: &TestDatabase) -> Vec<String> {
    let catalog = match db.backend() {
        Backend::Sqlite => SQLITE,
        Backend::Postgres => POSTGRES,
    };
    let rows = db.query(catalog).await;
    let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    let mut broken = Vec::new();
    let mut tables = Vec::new();
    let mut cascading = Vec::new();
    let mut keyed = Vec::new();
    for row in rows.iter().filter(|row| text(row, "tbl") != LOG) {
        let (table, kind) = (text(row, "tbl"), text(row, "kind"));
        let (columns, target) = (text(row, "columns"), text(row, "target"));
        let fine = row["fine"].as_i64() == Some(1);
        let leads = columns == "organization_id" || columns.starts_with("organization_id,");
        match kind.as_str() {
            "column" => {
                tables.push(table.clone());
                if !fine {
                    broken.push(format!("{table}: organization_id may be NULL"));
                }
            }
            "primary" if leads => keyed.push(table),
            "unique" | "primary" if !leads => {
                broken.push(format!(
                    "{table}: the key ({columns}) does not begin with organization_id"
                ));
            }
            "foreign" if target == "organizations" => {
                if fine && columns == "organization_id" {
                    cascading.push(table);
                } else {
                    broken.push(format!("{table}: its organization does not take it along"));
                }
            }
            "foreign" if !leads && !GLOBAL.contains(&target.as_str()) => broken.push(format!(
                "{table}: ({columns}) could refer to a row of another organization in {target}"
            )),
            _ => {}
        }
    }
    for table in tables {
        if !keyed.contains(&table) {
            broken.push(format!(
                "{table}: no primary key begins with organization_id"
            ));
        }
        if !cascading.contains(&table) {
            broken.push(format!("{table}: does not go with its organization"));
        }
    }
    broken
}

each_database! {
    async fn every_key_of_a_tenant_table_begins_with_its_organization(db: TestDatabase) {
        assert_eq!(broken_keys(&db).await, Vec::<String>::new());
        let tenant_tables = match db.backend() {
            Backend::Sqlite => "SELECT count(*) FROM pragma_table_list t
                JOIN pragma_table_info(t.name) c ON c.name = 'organization_id' WHERE t.type = 'table'",
            Backend::Postgres => "SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                WHERE a.attname = 'organization_id' AND c.relkind = 'r'",
        };
        assert!(db.number(tenant_tables).await >= 2);
    }

    async fn a_planted_table_that_forgets_its_organization_is_found(db: TestDatabase) {
        db.execute(
            "CREATE TABLE orphans (organization_id uuid, id uuid PRIMARY KEY, name text);
             CREATE UNIQUE INDEX orphans_name_key ON orphans (name);
             CREATE TABLE plain (
               organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
               id uuid NOT NULL, orphan_id uuid REFERENCES orphans (id),
               PRIMARY KEY (organization_id, id)
             )",
        )
        .await;
        let mut broken = broken_keys(&db).await;
        broken.sort();
        let expected = [
            "orphans: does not go with its organization",
            "orphans: no primary key begins with organization_id",
            "orphans: organization_id may be NULL",
            "orphans: the key (id) does not begin with organization_id",
            "orphans: the key (name) does not begin with organization_id",
            "plain: (orphan_id) could refer to a row of another organization in orphans",
        ];
        broken.dedup();
        assert_eq!(broken, expected);
    }
}
