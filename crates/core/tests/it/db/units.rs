//! A unit of work happens wholly or not at all, and its events are told exactly when it did.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::{FutureExt as _, future::join_all};
use serde::{Deserialize, Serialize};
use tenantry_core::{
    access::{Actor, Role},
    db::{ColumnFilter as _, Database, DbError, UnitOfWork},
    event::{DomainEvent, Envelope, EventKind},
    id::{OrganizationId, Uuid},
    orm::Set,
    outbox::{DeliveryQueue, Publisher, Subscription},
};
use tenantry_testkit::each_database;
use tokio::sync::{Notify, mpsc};

use super::{
    library::{Library, id, new_book, new_shelf},
    tables::{book, colour, loan, shelf},
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ShelfAdded {
    pub(crate) organization_id: OrganizationId,
    pub(crate) id: Uuid,
}

impl DomainEvent for ShelfAdded {
    const NAME: &'static str = "library.shelf_added";
    const VERSION: u16 = 3;
    const KIND: EventKind = EventKind::Change;

    type Stream = OrganizationId;

    fn stream(&self) -> OrganizationId {
        self.organization_id
    }
}

/// The number of shelves 20 that everybody sees.
const SHELF_20: &str = "SELECT count(*) AS n FROM shelves WHERE name = 'Shelf 20'";

/// Adds a shelf and records that it was added.
async fn add_shelf(library: &Library, work: &mut UnitOfWork, n: u128) {
    let rows = work.tenant(&library.ours).await.expect("rows");
    rows.insert::<shelf::Entity>(new_shelf(n))
        .await
        .expect("inserted");
    let organization_id = library.ours.organization();
    work.record(&ShelfAdded {
        organization_id,
        id: id(n),
    });
}

/// Tells a test what it is told, and doesn't end before the test says so.
struct Slow {
    told: mpsc::UnboundedSender<Vec<Envelope>>,
    go_on: Arc<Notify>,
}

#[async_trait]
impl Publisher for Slow {
    fn subscriptions(&self, _: &str) -> Vec<Subscription> {
        Vec::new()
    }

    async fn publish(&self, _: &DeliveryQueue, events: Vec<Envelope>) {
        self.told.send(events).expect("the test listens");
        self.go_on.notified().await;
    }
}

/// The library's database once more, with a slow listener.
async fn slow(
    library: &Library,
) -> (
    Database,
    mpsc::UnboundedReceiver<Vec<Envelope>>,
    Arc<Notify>,
) {
    let (told, hear) = mpsc::unbounded_channel();
    let go_on = Arc::new(Notify::new());
    let publisher = Slow {
        told,
        go_on: Arc::clone(&go_on),
    };
    (library.opened_for(Arc::new(publisher)).await, hear, go_on)
}

each_database! {
    async fn a_committed_unit_of_work_is_there_and_told(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        add_shelf(&library, &mut work, 20).await;
        add_shelf(&library, &mut work, 21).await;
        assert_eq!(library.world.events.published(), [], "not before the commit");
        work.commit().await.expect("committed");
        let told: Vec<_> = library.world.events.of::<ShelfAdded>().iter().map(|it| it.id).collect();
        assert_eq!(told, [id(20), id(21)]);
        let rows = library.read();
        assert_eq!(rows.find::<shelf::Entity>().count().await.expect("a number"), 5);
    }

    async fn a_dropped_unit_of_work_leaves_no_row_and_tells_nothing(db: TestDatabase) {
        let library = Library::furnished(db).await;
        library.changing_nothing(async {
            let mut work = library.world.database.begin(&library.ours);
            add_shelf(&library, &mut work, 20).await;
            let rows = work.global().await.expect("rows");
            let red = colour::ActiveModel { id: Set(id(1)), name: Set("red".to_owned()) };
            rows.insert::<colour::Entity>(red).await.expect("inserted");
            drop(work);
        })
        .await;
        assert_eq!(library.world.events.published(), []);
        // The one writer of SQLite is free again.
        let next = library.write(async |rows| rows.insert::<shelf::Entity>(new_shelf(20)).await);
        next.await.expect("written");
    }

    async fn an_event_without_a_row_is_told_as_well(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(Actor::system());
        let organization_id = library.ours.organization();
        work.record(&ShelfAdded { organization_id, id: id(20) });
        work.commit().await.expect("committed");
        assert_eq!(library.world.events.names(), [ShelfAdded::NAME]);
    }

    async fn an_envelope_says_what_where_when_and_on_whose_behalf(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let request = Uuid::from_u128(77);
        let actor = Actor { user: Some(library.ours.user()), request: Some(request) };
        let context = library.world.issuer.tenant(
            library.ours.organization(), library.ours.user(), Role::Viewer, actor,
        );
        let grant = context.require::<super::library::UseLibrary>().expect("a viewer");
        let mut work = library.world.database.begin(&grant);
        add_shelf(&library, &mut work, 20).await;
        add_shelf(&library, &mut work, 21).await;
        work.commit().await.expect("committed");
        let told = library.world.events.published();
        assert_ne!(told[0].id, told[1].id);
        for (envelope, n) in told.iter().zip([20, 21]) {
            assert_eq!(envelope.name, "library.shelf_added");
            assert_eq!(envelope.version, 3);
            assert_eq!(envelope.organization_id, Some(grant.organization()));
            assert_eq!(envelope.actor_id, Some(grant.user()));
            assert_eq!(envelope.request_id, Some(request));
            assert_eq!(envelope.occurred_at, library.world.runtime().now());
            let expected = serde_json::json!({
                "organization_id": grant.organization().to_string(), "id": id(n).to_string(),
            });
            assert_eq!(envelope.payload, expected);
        }
    }

    async fn what_is_told_can_be_read_by_everybody(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let (database, mut hear, go_on) = slow(&library).await;
        let mut work = database.begin(&library.ours);
        add_shelf(&library, &mut work, 20).await;
        let commit = tokio::spawn(work.commit());
        let told = hear.recv().await.expect("told");
        assert_eq!(told.len(), 1);
        assert_eq!(library.world.raw.number(SHELF_20).await, 1);
        assert!(!commit.is_finished(), "whoever commits waits for those who listen");
        go_on.notify_one();
        commit.await.expect("no panic").expect("committed");
    }

    async fn a_caller_who_goes_away_does_not_cut_a_commit_in_two(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let (database, mut hear, go_on) = slow(&library).await;
        let mut work = database.begin(&library.ours);
        add_shelf(&library, &mut work, 20).await;
        // Polled once and dropped.
        assert!(work.commit().now_or_never().is_none());
        let told = hear.recv().await.expect("told all the same");
        assert_eq!(told[0].name, ShelfAdded::NAME);
        assert_eq!(library.world.raw.number(SHELF_20).await, 1);
        go_on.notify_one();
    }

    async fn a_commit_that_the_database_refuses_tells_nothing(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let refusal = library.changing_nothing(async {
            let mut work = library.world.database.begin(&library.ours);
            add_shelf(&library, &mut work, 20).await;
            let rows = work.tenant(&library.ours).await.expect("rows");
            // Book 9 is theirs; this key is checked at the commit.
            let loan = loan::ActiveModel {
                id: Set(id(1)),
                book_id: Set(id(9)),
                ..Default::default()
            };
            rows.insert::<loan::Entity>(loan).await.expect("not checked yet");
            work.commit().await
        });
        let refusal = refusal.await.expect_err("no such book here");
        assert!(matches!(refusal, DbError::ForeignKeyViolation(_)), "{refusal:?}");
        assert_eq!(library.world.events.published(), []);
        // The connection is as good as before.
        let next = library.write(async |rows| rows.insert::<shelf::Entity>(new_shelf(20)).await);
        next.await.expect("written");
    }

    async fn a_unit_of_work_in_which_a_statement_failed_is_not_committed(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let outcome = library.changing_nothing(async {
            let mut work = library.world.database.begin(&library.ours);
            add_shelf(&library, &mut work, 20).await;
            let rows = work.tenant(&library.ours).await.expect("rows");
            let taken = rows.insert::<book::Entity>(new_book(1, 1)).await;
            assert!(taken.is_err());
            // Postgres answers a COMMIT after that with a friendly ROLLBACK.
            work.commit().await
        });
        let refusal = outcome.await.expect_err("it can't be whole any more");
        assert!(matches!(refusal, DbError::RolledBack), "{refusal:?}");
        assert_eq!(library.world.events.published(), []);
    }

    async fn a_refusal_of_ours_does_not_spoil_a_unit_of_work(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        add_shelf(&library, &mut work, 20).await;
        let rows = work.tenant(&library.ours).await.expect("rows");
        let refusal = rows.delete::<book::Entity>().exec().await;
        assert!(matches!(refusal, Err(DbError::MissingFilter)), "no statement was sent");
        work.commit().await.expect("committed");
        assert_eq!(library.world.events.names(), [ShelfAdded::NAME]);
    }

    async fn a_publisher_that_panics_does_not_undo_a_commit(db: TestDatabase) {
        struct Panics;

        #[async_trait]
        impl Publisher for Panics {
            fn subscriptions(&self, _: &str) -> Vec<Subscription> {
                Vec::new()
            }

            async fn publish(&self, _: &DeliveryQueue, _: Vec<Envelope>) {
                panic!("a publisher of this test");
            }
        }

        let library = Library::furnished(db).await;
        let database = library.opened_for(Arc::new(Panics)).await;
        let mut work = database.begin(&library.ours);
        add_shelf(&library, &mut work, 20).await;
        work.commit().await.expect("the commit stands, and the caller is told so");
        let rows = library.read();
        assert_eq!(rows.find::<shelf::Entity>().count().await.expect("a number"), 4);
    }

    async fn many_writers_at_once_all_get_their_turn(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let writers = (100..116).map(|n| {
            let (database, grant) = (library.world.database.clone(), library.ours.clone());
            tokio::spawn(async move {
                let mut work = database.begin(&grant);
                let rows = work.tenant(&grant).await?;
                // First reads, then writes: what a deferred transaction of SQLite fails at.
                let before = rows.find::<shelf::Entity>().count().await?;
                rows.insert::<shelf::Entity>(new_shelf(n)).await?;
                let one = shelf::Column::Id.eq(id(n));
                let update = rows.update::<shelf::Entity>().filter(one);
                update.set(shelf::Column::Mark, "done").exec().await?;
                work.commit().await.map(|()| before)
            })
        });
        for written in join_all(writers).await {
            written.expect("no panic").expect("no writer is told that the database is busy");
        }
        let rows = library.read();
        let done = rows.find::<shelf::Entity>().filter(shelf::Column::Mark.eq("done"));
        assert_eq!(done.count().await.expect("a number"), 16);
    }

    async fn readers_see_nothing_of_a_unit_of_work_before_its_commit(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        add_shelf(&library, &mut work, 20).await;
        let before = library.read().find::<shelf::Entity>().count().await;
        assert_eq!(before.expect("a number"), 3);
        let rows = work.tenant(&library.ours).await.expect("rows");
        assert_eq!(rows.find::<shelf::Entity>().count().await.expect("a number"), 4, "its own");
        work.commit().await.expect("committed");
        let after = library.read().find::<shelf::Entity>().count().await;
        assert_eq!(after.expect("a number"), 4);
    }
}
