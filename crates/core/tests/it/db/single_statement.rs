//! A unit of work with a single insert is one statement on Postgres, with the same guarantees as
//! one of several statements.

use std::{sync::Arc, time::Duration};

use tenantry_core::{
    access::Actor,
    db::{ColumnFilter as _, DbError},
    id::Uuid,
    orm::Set,
};
use tenantry_testkit::{Backend, each_database, run, statements};
use tokio::task::JoinHandle;

use super::{
    library::{Library, id, new_book, new_shelf},
    tables::{book, shelf},
    units::ShelfAdded,
};

impl Library {
    /// Inserts a shelf with its event and commits, in one statement if possible.
    async fn insert_shelf(&self, n: u128) -> Result<shelf::Model, DbError> {
        let mut work = self.world.database.begin(&self.ours);
        let organization_id = self.ours.organization();
        work.record(&ShelfAdded {
            organization_id,
            id: id(n),
        });
        let shelf = work
            .insert::<shelf::Entity>(&self.ours, new_shelf(n))
            .await?;
        work.commit().await?;
        Ok(shelf)
    }
}

each_database! {
    async fn a_row_is_visible_and_its_event_published_with_a_number(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let made = library.insert_shelf(20).await.expect("written");
        library.insert_shelf(21).await.expect("written");
        assert_eq!((made.id, made.organization_id), (id(20), library.ours.organization()));
        let numbers: Vec<_> = library.world.events.published().iter().map(|it| it.number).collect();
        assert_eq!(numbers, [1, 2]);
        let rows = library.read();
        assert_eq!(rows.find::<shelf::Entity>().count().await.expect("a number"), 5);
    }

    async fn a_rejected_insert_writes_and_publishes_nothing(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let refused = library.changing_nothing(library.insert_shelf(1)).await;
        let refused = refused.expect_err("shelf 1 is there");
        assert!(matches!(refused, DbError::UniqueViolation { .. }), "{refused:?}");
        assert_eq!(library.world.events.published(), []);
        let logged = "SELECT count(*) AS n FROM event_log WHERE name = 'library.shelf_added'";
        assert_eq!(library.world.raw.number(logged).await, 0);
    }

    async fn a_row_that_names_another_organization_is_refused(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        let organization_id = library.ours.organization();
        work.record(&ShelfAdded { organization_id, id: id(20) });
        let foreign = shelf::ActiveModel {
            organization_id: Set(library.theirs.organization()),
            ..new_shelf(20)
        };
        let doing = work.insert::<shelf::Entity>(&library.ours, foreign);
        let refused = library.changing_nothing(doing).await.expect_err("not ours");
        assert!(matches!(refused, DbError::TenantMismatch), "{refused:?}");
        assert_eq!(library.world.events.published(), []);
    }

    async fn an_event_of_another_organization_is_recorded_too(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(Actor::system());
        for owner in [&library.theirs, &library.ours] {
            work.record(&ShelfAdded { organization_id: owner.organization(), id: id(20) });
        }
        let made = work.insert::<shelf::Entity>(&library.ours, new_shelf(20)).await;
        work.commit().await.expect("committed");
        assert_eq!(made.expect("written").organization_id, library.ours.organization());
        assert_eq!(library.world.events.names().len(), 2);
    }

    async fn it_joins_a_transaction_that_has_begun(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        let organization_id = library.ours.organization();
        work.record(&ShelfAdded { organization_id, id: id(20) });
        let rows = work.tenant(&library.ours).await.expect("rows");
        rows.insert::<shelf::Entity>(new_shelf(20)).await.expect("inserted");
        let second = work.insert::<shelf::Entity>(&library.ours, new_shelf(1)).await;
        drop(work);
        assert!(matches!(second, Err(DbError::UniqueViolation { .. })), "{second:?}");
        let rows = library.read();
        let count = rows.find::<shelf::Entity>().count().await;
        assert_eq!(count.expect("a number"), 3, "the first insert is rolled back with it");
        assert_eq!(library.world.events.published(), []);
    }
}

/// What a later statement reads must include the row.
#[test]
fn a_later_statement_sends_the_row_first() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        run(backend, async |db| {
            let library = Library::furnished(db).await;
            let mut work = library.world.database.begin(&library.ours);
            let row = new_shelf(20);
            let inserted = work.insert::<shelf::Entity>(&library.ours, row).await;
            let inserted = inserted.expect("deferred");
            let rows = work.tenant(&library.ours).await.expect("rows");
            let found = rows
                .find::<shelf::Entity>()
                .filter(shelf::Column::Id.eq(id(20)));
            assert_eq!(found.one().await.expect("read"), Some(inserted));
            drop(work);
            let rows = library.read();
            let count = rows.find::<shelf::Entity>().count().await;
            assert_eq!(count.expect("a number"), 3, "it is rolled back");
        });
    }
}

/// Both insert the same name. The second must not lock the stream while it waits for the first,
/// which needs the stream to commit.
#[test]
fn the_stream_is_locked_after_the_row_is_inserted() {
    run(Backend::Postgres, async |db| {
        let library = Arc::new(Library::furnished(db).await);
        let mut first = library.world.database.begin(&library.ours);
        let rows = first.tenant(&library.ours).await.expect("rows");
        rows.insert::<shelf::Entity>(new_shelf(20))
            .await
            .expect("inserted");
        let organization_id = library.ours.organization();
        first.record(&ShelfAdded {
            organization_id,
            id: Uuid::nil(),
        });

        let second = tokio::spawn({
            let library = Arc::clone(&library);
            async move { library.insert_shelf(20).await }
        });
        until_it_waits(&library, &second).await;
        first.commit().await.expect("committed");
        let refused = second
            .await
            .expect("no panic")
            .expect_err("the name is taken");
        assert!(
            matches!(refused, DbError::UniqueViolation { .. }),
            "{refused:?}"
        );
    });
}

/// The foreign key makes the second wait for the organization's row, which the first has locked.
#[test]
fn the_stream_is_locked_after_the_organization() {
    run(Backend::Postgres, async |db| {
        let library = Arc::new(Library::furnished(db).await);
        let organization_id = library.ours.organization();
        let mut first = library.world.database.begin(Actor::system());
        let rows = first.global().await.expect("rows");
        let held = rows
            .find::<organization::Entity>()
            .filter(organization::Column::Id.eq(organization_id))
            .for_update();
        assert!(held.one().await.expect("read").is_some());
        first.record(&ShelfAdded {
            organization_id,
            id: Uuid::nil(),
        });

        let second = tokio::spawn({
            let library = Arc::clone(&library);
            async move { library.insert_shelf(20).await }
        });
        until_it_waits(&library, &second).await;
        first.commit().await.expect("committed");
        second.await.expect("no panic").expect("written");
    });
}

/// A book refers to its shelf, which another transaction may have locked too.
#[test]
fn a_row_with_more_foreign_keys_is_written_in_several_statements() {
    run(Backend::Postgres, async |db| {
        let library = Library::furnished(db).await;
        let organization_id = library.ours.organization();
        let mut work = library.world.database.begin(&library.ours);
        work.record(&ShelfAdded {
            organization_id,
            id: id(20),
        });
        let writing = async {
            let row = new_book(20, 1);
            work.insert::<book::Entity>(&library.ours, row).await?;
            work.commit().await
        };
        let (made, sent) = statements(writing).await;
        made.expect("written");
        assert!(sent.len() > 2, "{sent:?}");
        assert_eq!(library.world.events.names().len(), 1);
    });
}

/// Waits until the other one waits for a lock.
async fn until_it_waits<T>(library: &Library, other: &JoinHandle<T>) {
    let waiting = "SELECT count(*) AS n FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while library.world.raw.number(waiting).await == 0 {
        assert!(
            !other.is_finished(),
            "it finished without waiting for a lock"
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

mod organization {
    use tenantry_core::{global_entity, id::OrganizationId, orm as sea_orm, orm::*};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "organizations")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: OrganizationId,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}

    global_entity!(Entity);
}
