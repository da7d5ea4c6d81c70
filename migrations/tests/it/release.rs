//! The statements of the last release on the tables of today.
//!
//! `release/` holds every statement that the tests of the server sent to each database when it was
//! released; `scripts/record-release.sh` records them. A migration that breaks one must say, by what
//! it gives to `runs_with`, that the release can't run on it.

use std::{collections::BTreeSet, fs, path::Path};

use sea_orm_migration::MigratorTrait as _;
use tenantry_migrations::Migrator;
use tenantry_testkit::{Backend, TestDatabase, each_database};

/// The newest migration of the last release.
const RELEASED: &str = "migrations_0001_compatibility";

fn statements(backend: Backend) -> Vec<String> {
    let name = match backend {
        Backend::Sqlite => "sqlite.json",
        Backend::Postgres => "postgres.json",
    };
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/release")
        .join(name);
    let text = fs::read_to_string(file).expect("it was recorded");
    serde_json::from_str(&text).expect("a list of statements")
}

/// Why the database does not understand a statement.
async fn problem(db: &TestDatabase, statement: &str) -> Option<String> {
    let checked = match db.backend() {
        Backend::Sqlite => db.try_execute(&format!("EXPLAIN {statement}")).await,
        Backend::Postgres => {
            let prepare = format!("PREPARE recorded AS {statement}; DEALLOCATE recorded");
            db.try_execute(&prepare).await
        }
    };
    checked
        .err()
        .map(|error| format!("{error}\nin: {statement}"))
}

/// The table of an insertion, and the columns that it fills.
fn insertion(statement: &str) -> Option<(String, BTreeSet<String>)> {
    let (_, rest) = statement.split_once("INSERT INTO ")?;
    let (table, rest) = rest.split_once('(')?;
    let (columns, _) = rest.split_once(')')?;
    let name = |text: &str| text.trim().trim_matches('"').to_owned();
    Some((name(table), columns.split(',').map(name).collect()))
}

/// The columns of a table that an insertion must fill.
async fn required(db: &TestDatabase, table: &str) -> Vec<String> {
    let columns = match db.backend() {
        Backend::Sqlite => format!(
            "SELECT name FROM pragma_table_info('{table}') WHERE \"notnull\" AND dflt_value IS NULL"
        ),
        Backend::Postgres => format!(
            "SELECT column_name::text AS name FROM information_schema.columns
             WHERE table_name = '{table}' AND table_schema = 'public' AND is_nullable = 'NO'
               AND column_default IS NULL AND is_identity = 'NO' AND is_generated = 'NEVER'"
        ),
    };
    let rows = db.query(&columns).await;
    let names = rows.iter().filter_map(|row| row["name"].as_str());
    names.map(str::to_owned).collect()
}

async fn broken_statements(db: &TestDatabase) -> Vec<String> {
    let mut broken = Vec::new();
    for statement in statements(db.backend()) {
        broken.extend(problem(db, &statement).await);
        if let Some((table, filled)) = insertion(&statement) {
            for column in required(db, &table).await {
                if !filled.contains(&column) {
                    broken.push(format!(
                        "{table}.{column} is required, and the last release does not fill it: give it \
                         a default"
                    ));
                }
            }
        }
    }
    broken
}

/// What the migrations after the last release say, by their names.
async fn said(db: &TestDatabase) -> Vec<(String, Option<String>)> {
    let rows = db
        .query("SELECT version, needs FROM migration_compatibility")
        .await;
    let needs = |name: &str| {
        let row = rows.iter().find(|row| row["version"] == name)?;
        row["needs"].as_str().map(str::to_owned)
    };
    let names = Migrator::migrations();
    let names = names.iter().map(|migration| migration.name().to_owned());
    let later = names.skip_while(|name| name != RELEASED).skip(1);
    later.map(|name| (name.clone(), needs(&name))).collect()
}

each_database! {
    async fn every_migration_since_the_last_release_says_what_can_run_on_it(db: TestDatabase) {
        let listed: Vec<_> = Migrator::migrations().iter().map(|it| it.name().to_owned()).collect();
        assert!(listed.iter().any(|name| name == RELEASED));
        for (name, needs) in said(&db).await {
            let needs = needs.unwrap_or_else(|| panic!("{name} does not call `runs_with`"));
            assert!(listed.contains(&needs), "{name} needs {needs}, which is no migration");
        }
    }

    async fn the_statements_of_the_last_release_run_on_the_tables_of_today(db: TestDatabase) {
        let recorded = statements(db.backend());
        for start in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
            assert!(recorded.iter().any(|it| it.starts_with(start)), "no {start}");
        }
        let can_run = said(&db).await.iter().all(|(_, needs)| needs.as_deref() == Some(RELEASED));
        let broken = broken_statements(&db).await;
        if can_run {
            assert!(broken.is_empty(), "{}", broken.join("\n"));
        } else {
            assert!(!broken.is_empty(), "a migration refuses a release that could run on it");
        }
    }

    async fn a_change_that_breaks_the_last_release_is_found(db: TestDatabase) {
        let drop_view = "DROP VIEW project_usage";
        db.execute(drop_view).await;
        let broken = broken_statements(&db).await;
        assert!(broken.iter().any(|line| line.contains("project_usage")), "{broken:#?}");
        db.execute("CREATE VIEW project_usage AS SELECT 1 AS other").await;
        let broken = broken_statements(&db).await;
        assert!(!broken.is_empty(), "a column is gone");
    }

    async fn a_new_column_that_must_be_filled_is_found(db: TestDatabase) {
        let broken = broken_statements(&db).await;
        db.execute("ALTER TABLE projects ADD COLUMN colour text NOT NULL DEFAULT 'red'").await;
        assert_eq!(broken_statements(&db).await, broken, "it has a default");
        if db.backend() == Backend::Postgres {
            db.execute("ALTER TABLE projects ALTER COLUMN colour DROP DEFAULT").await;
            let broken = broken_statements(&db).await;
            assert!(broken.iter().any(|line| line.contains("projects.colour")), "{broken:#?}");
        }
    }
}

#[test]
fn an_insertion_names_its_table_and_columns() {
    let found =
        insertion("WITH a AS (INSERT INTO \"books\" (\"id\", \"name\") VALUES ($1, $2)) SELECT 1");
    let columns = ["id", "name"].map(str::to_owned).into();
    assert_eq!(found, Some(("books".to_owned(), columns)));
    assert_eq!(insertion("SELECT 1"), None);
}
