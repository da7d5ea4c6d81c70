//! A unit of work that is one insertion is one statement on Postgres, and keeps every promise of
//! one that is several.

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
    /// Adds a shelf and records that it was added, all at once.
    async fn shelf_at_once(&self, n: u128) -> Result<shelf::Model, DbError> {
        let mut work = self.world.database.begin(&self.ours);
        let organization_id = self.ours.organization();
        work.record(&ShelfAdded {
            organization_id,
            id: id(n),
        });
        work.insert_and_commit::<shelf::Entity>(&self.ours, new_shelf(n))
            .await
    }
}

each_database! {
    async fn it_is_there_and_told_with_its_number(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let made = library.shelf_at_once(20).await.expect("written");
        library.shelf_at_once(21).await.expect("written");
        assert_eq!((made.id, made.organization_id), (id(20), library.ours.organization()));
        let numbers: Vec<_> = library.world.events.published().iter().map(|it| it.number).collect();
        assert_eq!(numbers, [1, 2]);
        let rows = library.read();
        assert_eq!(rows.find::<shelf::Entity>().count().await.expect("a number"), 5);
    }

    async fn one_that_the_table_refuses_leaves_nothing_and_tells_nothing(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let refused = library.changing_nothing(library.shelf_at_once(1)).await;
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
        let doing = work.insert_and_commit::<shelf::Entity>(&library.ours, foreign);
        let refused = library.changing_nothing(doing).await.expect_err("not ours");
        assert!(matches!(refused, DbError::TenantMismatch), "{refused:?}");
        assert_eq!(library.world.events.published(), []);
    }

    async fn an_event_of_somebody_else_goes_along_all_the_same(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(Actor::system());
        for owner in [&library.theirs, &library.ours] {
            work.record(&ShelfAdded { organization_id: owner.organization(), id: id(20) });
        }
        let made = work.insert_and_commit::<shelf::Entity>(&library.ours, new_shelf(20)).await;
        assert_eq!(made.expect("written").organization_id, library.ours.organization());
        assert_eq!(library.world.events.names().len(), 2);
    }

    async fn it_goes_on_with_what_was_begun(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        let organization_id = library.ours.organization();
        work.record(&ShelfAdded { organization_id, id: id(20) });
        let rows = work.tenant(&library.ours).await.expect("rows");
        rows.insert::<shelf::Entity>(new_shelf(20)).await.expect("inserted");
        let second = work.insert_and_commit::<shelf::Entity>(&library.ours, new_shelf(1)).await;
        assert!(matches!(second, Err(DbError::UniqueViolation { .. })), "{second:?}");
        let rows = library.read();
        let count = rows.find::<shelf::Entity>().count().await;
        assert_eq!(count.expect("a number"), 3, "the first one is undone with it");
        assert_eq!(library.world.events.published(), []);
    }
}

/// Both want the same name. The second one must not hold the stream while it waits for the first,
/// which needs the stream to commit.
#[test]
fn it_takes_its_place_in_the_log_after_its_row() {
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
            async move { library.shelf_at_once(20).await }
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

/// The foreign key makes the second one wait for the organization's row, which the first one holds.
#[test]
fn it_takes_its_place_in_the_log_after_its_organization() {
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
            async move { library.shelf_at_once(20).await }
        });
        until_it_waits(&library, &second).await;
        first.commit().await.expect("committed");
        second.await.expect("no panic").expect("written");
    });
}

/// A book refers to its shelf, which somebody may hold as well.
#[test]
fn a_row_that_refers_to_others_is_written_in_several_statements() {
    run(Backend::Postgres, async |db| {
        let library = Library::furnished(db).await;
        let organization_id = library.ours.organization();
        let mut work = library.world.database.begin(&library.ours);
        work.record(&ShelfAdded {
            organization_id,
            id: id(20),
        });
        let written = work.insert_and_commit::<book::Entity>(&library.ours, new_book(20, 1));
        let (made, sent) = statements(written).await;
        made.expect("written");
        assert!(sent.len() > 2, "{sent:?}");
        assert_eq!(library.world.events.names().len(), 1);
    });
}

/// Until the other one waits for a lock.
async fn until_it_waits<T>(library: &Library, other: &JoinHandle<T>) {
    let waiting = "SELECT count(*) AS n FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while library.world.raw.number(waiting).await == 0 {
        assert!(!other.is_finished(), "it waits for nobody");
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
