//! A database for each test.

use std::{path::Path, thread};

use serde_json::json;
use tenantry_testkit::{Backend, TestDatabase, each_database, run};

each_database! {
    async fn a_test_database_has_every_migration(db: TestDatabase) {
        let pending = tenantry_migrations::pending(db.url()).await;
        assert!(pending.expect("the database answers").is_empty());
    }

    async fn an_empty_database_has_no_table(db: TestDatabase) {
        let empty = TestDatabase::empty(db.backend()).await;
        let tables = match empty.backend() {
            Backend::Sqlite => "SELECT count(*) AS n FROM sqlite_schema",
            Backend::Postgres => {
                "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'"
            }
        };
        assert_eq!(empty.number(tables).await, 0);
    }

    async fn two_test_databases_share_nothing(one: TestDatabase) {
        let other = TestDatabase::new(one.backend()).await;
        one.execute("CREATE TABLE notes (id BIGINT); INSERT INTO notes VALUES (1), (2)").await;
        assert_eq!(one.number("SELECT count(*) AS n FROM notes").await, 2);
        let error = other.try_execute("SELECT * FROM notes").await;
        assert!(error.expect_err("no such table").contains("notes"));
    }

    async fn rows_come_back_as_objects(db: TestDatabase) {
        let rows = db.query("SELECT 'a' AS name, 1 AS number, NULL AS missing").await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["name"], "a");
        assert_eq!(rows[0]["number"], 1);
        assert!(rows[0]["missing"].is_null());
    }

    async fn ids_and_booleans_look_the_same_on_both(db: TestDatabase) {
        let (kind, id) = match db.backend() {
            Backend::Sqlite => ("BLOB", "x'0199a2b3c4d57e6f8a9b0c1d2e3f4a5b'"),
            Backend::Postgres => ("UUID", "'0199a2b3c4d57e6f8a9b0c1d2e3f4a5b'"),
        };
        db.execute(&format!(
            "CREATE TABLE things (id {kind}, active BOOLEAN, weight DOUBLE PRECISION);
            INSERT INTO things VALUES ({id}, true, 1.5)"
        ))
        .await;
        let expected = json!({
            "id": "0199a2b3-c4d5-7e6f-8a9b-0c1d2e3f4a5b", "active": true, "weight": 1.5,
        });
        assert_eq!(db.query("SELECT id, active, weight FROM things").await, [expected]);
    }

    async fn foreign_keys_are_enforced(db: TestDatabase) {
        db.execute(
            "CREATE TABLE parents (id BIGINT PRIMARY KEY);
            CREATE TABLE children (parent BIGINT REFERENCES parents (id))",
        )
        .await;
        assert!(db.try_execute("INSERT INTO children VALUES (1)").await.is_err());
    }
}

#[tokio::test]
async fn a_dropped_sqlite_database_leaves_no_file() {
    let db = TestDatabase::new(Backend::Sqlite).await;
    let url = db.url().trim_start_matches("sqlite://").to_owned();
    let file = Path::new(url.split('?').next().expect("a path"));
    let folder = file.parent().expect("a folder");
    db.execute("CREATE TABLE notes (id BIGINT)").await;
    assert!(file.exists());
    drop(db);
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_dropped_postgres_database_is_deleted_despite_open_connections() {
    let observer = TestDatabase::empty(Backend::Postgres).await;
    let db = TestDatabase::new(Backend::Postgres).await;
    let name = &db.query("SELECT current_database()::text AS name").await[0]["name"];
    let query = format!(
        "SELECT count(*) AS n FROM pg_database WHERE datname = '{}'",
        name.as_str().expect("text")
    );
    assert_eq!(observer.number(&query).await, 1);
    drop(db);
    assert_eq!(observer.number(&query).await, 0);
}

#[tokio::test]
async fn the_cluster_requires_its_password() {
    let db = TestDatabase::empty(Backend::Postgres).await;
    let (_, after) = db.url().split_once('@').expect("a password");
    let stranger = format!("postgres://tenantry_test:guess@{after}");
    let error = tenantry_migrations::pending(&stranger).await;
    let text = format!("{:?}", error.expect_err("a wrong password"));
    assert!(text.contains("password authentication failed"), "{text}");
}

#[test]
fn concurrent_tests_get_a_database_each() {
    let test = |db: TestDatabase| async move {
        db.execute("CREATE TABLE notes (id BIGINT)").await;
    };
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| run(Backend::Postgres, test));
            scope.spawn(|| run(Backend::Sqlite, test));
        }
    });
}
