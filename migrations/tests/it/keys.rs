//! The keys of tenant tables, read from the databases' own catalogs.

use serde_json::Value;
use tenantry_testkit::{Backend, TestDatabase, each_database};

/// What the catalogs contain about a table with an `organization_id`: one row for the column
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

/// The event log is no tenant table: events without an organization are in it, and those of an
/// organization outlive it, because the audit of a deletion is read after the deletion. Its key
/// begins with the stream, which is the organization where there is one; row-level security
/// protects it on Postgres.
const LOG: &str = "event_log";

const REMEDY: &str = "make it with `create_tenant_table`";

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
                    broken.push(format!("{table}: organization_id may be NULL: {REMEDY}"));
                }
            }
            "primary" if leads => keyed.push(table),
            "unique" | "primary" if !leads => {
                broken.push(format!(
                    "{table}: the key ({columns}) does not begin with organization_id: put it first"
                ));
            }
            "foreign" if target == "organizations" && columns == "organization_id" && fine => {
                cascading.push(table);
            }
            "foreign" if !leads && !GLOBAL.contains(&target.as_str()) => broken.push(format!(
                "{table}: ({columns}) could refer to a row of another organization in {target}: \
                 begin the foreign key and its target with organization_id"
            )),
            _ => {}
        }
    }
    for table in tables {
        if !keyed.contains(&table) {
            broken.push(format!(
                "{table}: no primary key begins with organization_id: {REMEDY}"
            ));
        }
        if !cascading.contains(&table) {
            broken.push(format!(
                "{table}: does not go with its organization: {REMEDY}"
            ));
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

    async fn a_plain_foreign_key_between_two_tenant_tables_is_found(db: TestDatabase) {
        tenant_table(&db, "shelves", "UNIQUE (id),").await;
        tenant_table(&db, "books", "shelf_id uuid REFERENCES shelves (id),").await;
        let broken = broken_keys(&db).await;
        let expected = "books: (shelf_id) could refer to a row of another organization in shelves: \
            begin the foreign key and its target with organization_id";
        assert!(broken.iter().any(|line| line == expected), "{broken:#?}");

        // The same key with the organization is valid.
        let composite = "FOREIGN KEY (organization_id, shelf_id) REFERENCES shelves (organization_id, id),";
        tenant_table(&db, "papers", &format!("shelf_id uuid, {composite}")).await;
        let broken = broken_keys(&db).await;
        assert!(!broken.iter().any(|line| line.starts_with("papers")), "{broken:#?}");
    }

    async fn a_key_that_does_not_begin_with_the_organization_is_found(db: TestDatabase) {
        tenant_table(&db, "shelves", "name text, UNIQUE (name, organization_id),").await;
        db.execute("CREATE TABLE books (id uuid PRIMARY KEY, organization_id uuid NOT NULL
            REFERENCES organizations (id) ON DELETE CASCADE)").await;
        let mut broken = broken_keys(&db).await;
        broken.sort();
        broken.dedup();
        assert_eq!(broken, [
            "books: no primary key begins with organization_id: make it with `create_tenant_table`",
            "books: the key (id) does not begin with organization_id: put it first",
            "shelves: the key (name,organization_id) does not begin with organization_id: put it first",
        ]);
    }

    async fn a_nullable_organization_is_found(db: TestDatabase) {
        // Postgres makes the columns of a primary key NOT NULL by itself.
        db.execute("CREATE TABLE books (organization_id uuid
            REFERENCES organizations (id) ON DELETE CASCADE, id uuid NOT NULL)").await;
        let broken = broken_keys(&db).await;
        let expected = "books: organization_id may be NULL: make it with `create_tenant_table`";
        assert!(broken.iter().any(|line| line == expected), "{broken:#?}");
    }

    async fn a_table_that_outlives_its_organization_is_found(db: TestDatabase) {
        db.execute("CREATE TABLE kept (organization_id uuid NOT NULL REFERENCES organizations (id),
            id uuid NOT NULL, PRIMARY KEY (organization_id, id));
            CREATE TABLE free (organization_id uuid NOT NULL, id uuid NOT NULL,
            PRIMARY KEY (organization_id, id))").await;
        let mut broken = broken_keys(&db).await;
        broken.sort();
        broken.dedup();
        let outlives = "does not go with its organization: make it with `create_tenant_table`";
        assert_eq!(broken, [format!("free: {outlives}"), format!("kept: {outlives}")]);
    }
}

/// A table as `create_tenant_table` makes it, with more columns or keys.
async fn tenant_table(db: &TestDatabase, name: &str, more: &str) {
    db.execute(&format!(
        "CREATE TABLE {name} (
           organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
           id uuid NOT NULL, {more} PRIMARY KEY (organization_id, id)
         )"
    ))
    .await;
}
