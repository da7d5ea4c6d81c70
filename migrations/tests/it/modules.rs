//! No foreign key leaves its module, except to the tables that every module depends on.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm_migration::{MigratorTrait as _, SchemaManager, sea_orm::Database};
use tenantry_migrations::Migrator;
use tenantry_testkit::{Backend, TestDatabase, each_database};

use crate::names::parts;

/// Tables that any module may refer to.
const COMMON: &[&str] = &["organizations", "users"];

/// The module of every table, by its name.
type Owners = BTreeMap<String, String>;

/// A database with all migrations applied, and the module of each of its tables.
async fn migrated(backend: Backend) -> (TestDatabase, Owners) {
    let db = TestDatabase::empty(backend).await;
    let connection = Database::connect(db.owner_url()).await.expect("connected");
    let manager = SchemaManager::new(&connection);
    let mut owners = Owners::new();
    for migration in Migrator::migrations() {
        migration.up(&manager).await.expect("applied");
        let (module, _) = parts(migration.name()).expect("a name of ours");
        for table in tables(&db).await {
            owners.entry(table).or_insert_with(|| module.to_owned());
        }
    }
    (db, owners)
}

async fn tables(db: &TestDatabase) -> BTreeSet<String> {
    let rows = db.query(match db.backend() {
        Backend::Sqlite => {
            "SELECT name FROM pragma_table_list WHERE type = 'table' AND schema = 'main'"
        }
        Backend::Postgres => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'"
        }
    });
    let rows = rows.await;
    let names = rows.iter().filter_map(|row| row["name"].as_str());
    names.map(str::to_owned).collect()
}

const SQLITE: &str = "
    SELECT DISTINCT t.name AS tbl, f.\"table\" AS target FROM pragma_table_list t
    JOIN pragma_foreign_key_list(t.name) f WHERE t.type = 'table' AND t.schema = 'main'";

const POSTGRES: &str = "
    SELECT DISTINCT conrelid::regclass::text AS tbl, confrelid::regclass::text AS target
    FROM pg_constraint WHERE contype = 'f'";

async fn keys_between_modules(db: &TestDatabase, owners: &Owners) -> Vec<String> {
    let rows = db.query(match db.backend() {
        Backend::Sqlite => SQLITE,
        Backend::Postgres => POSTGRES,
    });
    let rows = rows.await;
    assert!(rows.len() > 2, "the keys were not found");
    let owner = |table: &str| owners.get(table).map_or("no module", String::as_str);
    let mut broken = Vec::new();
    for row in &rows {
        let table = row["tbl"].as_str().unwrap_or_default();
        let target = row["target"].as_str().unwrap_or_default();
        if owner(table) != owner(target) && !COMMON.contains(&target) {
            broken.push(format!(
                "{table} of {} refers to {target} of {}: keep the id without a foreign key, and \
                 react to the events of {}",
                owner(table),
                owner(target),
                owner(target)
            ));
        }
    }
    broken
}

each_database! {
    async fn no_foreign_key_leaves_its_module(db: TestDatabase) {
        let (db, owners) = migrated(db.backend()).await;
        assert_eq!(owners["projects"], "projects");
        assert_eq!(owners["organization_members"], "organizations");
        assert_eq!(keys_between_modules(&db, &owners).await, [""; 0]);
    }

    async fn a_foreign_key_to_the_table_of_another_module_is_found(db: TestDatabase) {
        let (db, mut owners) = migrated(db.backend()).await;
        db.execute(
            "CREATE TABLE invoices (
               organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
               id uuid NOT NULL, project_id uuid, written_by uuid REFERENCES users (id),
               PRIMARY KEY (organization_id, id),
               FOREIGN KEY (organization_id, project_id) REFERENCES projects (organization_id, id)
             )",
        )
        .await;
        owners.insert("invoices".to_owned(), "billing".to_owned());
        let expected = "invoices of billing refers to projects of projects: keep the id without \
            a foreign key, and react to the events of projects";
        assert_eq!(keys_between_modules(&db, &owners).await, [expected]);
    }
}
