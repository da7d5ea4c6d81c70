//! Up, down, status and pending.

use tenantry_migrations::{
    MigrationError,
    runner::{MigrationState, down, pending, status, up},
};
use tenantry_testkit::{Backend, TestDatabase, each_database};

use crate::lists::{Broken, New, Old, Plain};

const SHELVES: &str = "library_0001_shelves";
const BOOKS: &str = "library_0002_books";
const READERS: &str = "people_0001_readers";

async fn tables(db: &TestDatabase) -> i64 {
    db.number(match db.backend() {
        Backend::Sqlite => "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table'",
        Backend::Postgres => "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'",
    })
    .await
}

each_database! {
    async fn up_applies_what_is_pending_in_the_order_of_the_list(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        assert_eq!(up::<Old>(db.owner_url()).await.expect("works"), [SHELVES]);
        assert_eq!(up::<New>(db.owner_url()).await.expect("works"), [BOOKS, READERS]);
        assert!(up::<New>(db.owner_url()).await.expect("works").is_empty());
        assert_eq!(db.number("SELECT count(*) AS n FROM shelved").await, 1);
    }

    async fn down_takes_back_the_newest_first(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        up::<Plain>(db.owner_url()).await.expect("works");
        assert!(down::<Plain>(db.owner_url(), 0).await.expect("works").is_empty());
        assert_eq!(down::<Plain>(db.owner_url(), 1).await.expect("works"), [READERS]);
        assert!(db.try_execute("DELETE FROM readers").await.is_err());
        assert_eq!(db.execute("INSERT INTO shelves VALUES (7)").await, 1);
        assert_eq!(down::<Plain>(db.owner_url(), 9).await.expect("works"), [SHELVES]);
        assert!(db.try_execute("DELETE FROM shelves").await.is_err());
    }

    async fn status_reports_what_is_applied_and_creates_nothing(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        assert_eq!(pending::<Plain>(db.owner_url()).await.expect("works"), [SHELVES, READERS]);
        assert_eq!(tables(&db).await, 0);
        up::<Old>(db.owner_url()).await.expect("works");
        let state = |name: &str, applied| MigrationState { name: name.to_owned(), applied };
        let expected = [state(SHELVES, true), state(READERS, false)];
        assert_eq!(status::<Plain>(db.owner_url()).await.expect("works"), expected);
        assert_eq!(pending::<Plain>(db.owner_url()).await.expect("works"), [READERS]);
    }

    async fn a_migration_that_fails_is_named_and_leaves_nothing_behind(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        let error = up::<Broken>(db.owner_url()).await.expect_err("one fails");
        assert!(
            matches!(&error, MigrationError::Failed { name, .. } if name == "people_0002_half_done"),
            "{error:?}"
        );
        assert!(db.try_execute("DELETE FROM half_done").await.is_err());
        assert_eq!(db.execute("DELETE FROM shelves").await, 0);
        let left = pending::<Broken>(db.owner_url()).await.expect("works");
        assert_eq!(left, ["people_0002_half_done"]);
    }

    async fn a_database_with_unknown_migrations_is_not_changed(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        up::<New>(db.owner_url()).await.expect("works");
        for outcome in [
            up::<Old>(db.owner_url()).await,
            down::<Old>(db.owner_url(), 1).await,
            pending::<Old>(db.owner_url()).await,
        ] {
            let error = outcome.expect_err("the list is too short");
            let text = "the database was migrated by another version of this program, \
                which knows library_0002_books, people_0001_readers";
            assert_eq!(error.to_string(), text);
        }
        assert!(pending::<New>(db.owner_url()).await.expect("works").is_empty());
    }
}

#[tokio::test]
async fn status_of_a_missing_sqlite_file_makes_no_file() {
    let db = TestDatabase::empty(Backend::Sqlite).await;
    let file = db.owner_url().trim_start_matches("sqlite://");
    let file = std::path::Path::new(file.split('?').next().expect("a path"));
    assert_eq!(
        pending::<Old>(db.owner_url()).await.expect("works"),
        [SHELVES]
    );
    assert!(!file.exists());
    up::<Old>(db.owner_url()).await.expect("works");
    assert!(file.exists());
}

#[tokio::test]
async fn an_invalid_url_is_rejected() {
    for url in [
        "",
        "tenantry.db",
        "mysql://localhost/x",
        "sqlite://x.db?mode=nonsense",
    ] {
        let error = up::<Old>(url).await.expect_err("no address");
        assert!(
            matches!(error, MigrationError::Address(_)),
            "{url}: {error:?}"
        );
        let error = pending::<Old>(url).await.expect_err("no address");
        assert!(
            matches!(error, MigrationError::Address(_)),
            "{url}: {error:?}"
        );
    }
}
