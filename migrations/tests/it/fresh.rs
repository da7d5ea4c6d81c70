//! Dropping everything and migrating again.

use tenantry_migrations::runner::{fresh, up};
use tenantry_testkit::{Backend, TestDatabase, each_database};

use crate::lists::{New, Old};

each_database! {
    async fn fresh_drops_everything_and_applies_the_list(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        up::<New>(db.owner_url()).await.expect("works");
        db.execute("CREATE TABLE foreign_to_us (id BIGINT)").await;
        if db.backend() == Backend::Postgres {
            db.execute("ALTER TABLE foreign_to_us OWNER TO tenantry_owner").await;
        }
        // Twice: an object that the first run leaves behind makes the second fail.
        for _ in 0..2 {
            let applied = fresh::<New>(db.owner_url()).await.expect("works");
            assert_eq!(applied.len(), 3);
            assert_eq!(db.number("SELECT count(*) AS n FROM shelved").await, 1);
        }
        assert!(db.try_execute("SELECT * FROM foreign_to_us").await.is_err());
    }

    async fn fresh_forgets_migrations_that_the_list_does_not_have(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        up::<New>(db.owner_url()).await.expect("works");
        assert_eq!(fresh::<Old>(db.owner_url()).await.expect("works").len(), 1);
        assert!(db.try_execute("SELECT * FROM readers").await.is_err());
    }
}

#[tokio::test]
async fn fresh_leaves_no_object_of_any_kind_in_the_schema() {
    let db = TestDatabase::empty(Backend::Postgres).await;
    up::<New>(db.owner_url()).await.expect("works");
    fresh::<Old>(db.owner_url()).await.expect("works");
    let left = db
        .query(
            "SELECT relname::text AS name FROM pg_class
                WHERE relnamespace = 'public'::regnamespace AND relkind <> 'i'
            UNION ALL SELECT proname::text FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace
            UNION ALL SELECT typname::text FROM pg_type
                WHERE typnamespace = 'public'::regnamespace AND typrelid = 0 AND typelem = 0
            ORDER BY name",
        )
        .await;
    let names: Vec<_> = left.iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names, ["seaql_migrations", "shelves"]);
}

#[tokio::test]
async fn fresh_on_sqlite_drops_odd_names_and_full_text_tables() {
    let db = TestDatabase::empty(Backend::Sqlite).await;
    up::<Old>(db.owner_url()).await.expect("works");
    db.execute(
        "CREATE TABLE \"odd \"\"name\" (id INTEGER PRIMARY KEY AUTOINCREMENT);
        INSERT INTO \"odd \"\"name\" DEFAULT VALUES;
        CREATE VIRTUAL TABLE words USING fts5 (word);
        CREATE TABLE sqlitelike (id INTEGER)",
    )
    .await;
    fresh::<Old>(db.owner_url()).await.expect("works");
    let left = db
        .query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'sqlite_sequence'")
        .await;
    let mut names: Vec<_> = left.iter().filter_map(|row| row["name"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["seaql_migrations", "shelves"]);
}
