//! An older program on a newer database.

use tenantry_migrations::{
    MigrationError,
    runner::{down, newer, pending, status, up},
};
use tenantry_testkit::{TestDatabase, each_database};

use crate::lists::{Before, Contracted, Expanded};

const EXPANDING: &str = "library_0002_expanding";
const CONTRACTING: &str = "library_0003_contracting";

each_database! {
    async fn the_version_before_runs_on_a_database_that_says_so(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        up::<Expanded>(db.owner_url()).await.expect("works");
        assert!(pending::<Before>(db.owner_url()).await.expect("it runs").is_empty());
        assert!(up::<Before>(db.owner_url()).await.expect("nothing to do").is_empty());
        assert_eq!(newer::<Before>(db.owner_url()).await.expect("it runs"), [EXPANDING]);
        let states = status::<Before>(db.owner_url()).await.expect("it runs");
        assert!(states.iter().all(|state| state.applied));
        assert!(newer::<Expanded>(db.owner_url()).await.expect("it runs").is_empty());
    }

    async fn an_older_version_takes_back_nothing_that_it_does_not_know(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        up::<Expanded>(db.owner_url()).await.expect("works");
        let refused = down::<Before>(db.owner_url(), 1).await.expect_err("it is newer");
        assert!(matches!(&refused, MigrationError::Unknown(names) if *names == [EXPANDING]), "{refused:?}");
        assert_eq!(db.number("SELECT count(*) AS n FROM borrowers").await, 0);
    }

    async fn a_version_that_a_migration_does_not_name_is_refused(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        up::<Contracted>(db.owner_url()).await.expect("works");
        assert_eq!(newer::<Expanded>(db.owner_url()).await.expect("it runs"), [CONTRACTING]);
        let refused = pending::<Before>(db.owner_url()).await.expect_err("two versions behind");
        assert!(matches!(&refused, MigrationError::Unknown(names) if *names == [CONTRACTING]), "{refused:?}");

        // A migration that says nothing needs a program that knows it.
        db.execute("DELETE FROM migration_compatibility").await;
        let refused = pending::<Expanded>(db.owner_url()).await.expect_err("it says nothing");
        assert!(matches!(&refused, MigrationError::Unknown(names) if *names == [CONTRACTING]), "{refused:?}");
        let refused = up::<Expanded>(db.owner_url()).await.expect_err("it says nothing");
        assert!(matches!(refused, MigrationError::Unknown(_)), "{refused:?}");
    }

    async fn a_migration_that_is_applied_again_says_what_it_says_now(db: TestDatabase) {
        let db = TestDatabase::empty(db.backend()).await;
        up::<Expanded>(db.owner_url()).await.expect("works");
        down::<Expanded>(db.owner_url(), 1).await.expect("works");
        db.execute("UPDATE migration_compatibility SET needs = 'another'").await;
        up::<Expanded>(db.owner_url()).await.expect("works");
        assert!(pending::<Before>(db.owner_url()).await.expect("it runs").is_empty());
    }
}
