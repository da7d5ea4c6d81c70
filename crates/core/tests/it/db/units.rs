//! A unit of work is atomic, and its events are published exactly when it was committed.

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

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
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

/// The number of committed shelves 20.
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

/// Sends published events to the test, and waits until the test lets it continue.
struct Slow {
    published: mpsc::UnboundedSender<Vec<Envelope>>,
    resume: Arc<Notify>,
}

#[async_trait]
impl Publisher for Slow {
    fn subscriptions(&self, _: &str) -> Vec<Subscription> {
        Vec::new()
    }

    async fn publish(&self, _: &DeliveryQueue, events: Vec<Envelope>) {
        self.published.send(events).expect("the test listens");
        self.resume.notified().await;
    }
}

/// The library's database opened again, with a slow listener.
async fn slow(
    library: &Library,
) -> (
    Database,
    mpsc::UnboundedReceiver<Vec<Envelope>>,
    Arc<Notify>,
) {
    let (published, receiver) = mpsc::unbounded_channel();
    let resume = Arc::new(Notify::new());
    let publisher = Slow {
        published,
        resume: Arc::clone(&resume),
    };
    (
        library.opened_for(Arc::new(publisher)).await,
        receiver,
        resume,
    )
}

each_database! {
    async fn a_committed_unit_of_work_is_visible_and_published(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(&library.ours);
        add_shelf(&library, &mut work, 20).await;
        add_shelf(&library, &mut work, 21).await;
        assert_eq!(library.world.events.published(), [], "not before the commit");
        work.commit().await.expect("committed");
        let events = library.world.events.of::<ShelfAdded>();
        let published: Vec<_> = events.iter().map(|it| it.id).collect();
        assert_eq!(published, [id(20), id(21)]);
        let rows = library.read();
        assert_eq!(rows.find::<shelf::Entity>().count().await.expect("a number"), 5);
    }

    async fn a_dropped_unit_of_work_writes_and_publishes_nothing(db: TestDatabase) {
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
        // The only writer of SQLite is back in its pool.
        let next = library.write(async |rows| rows.insert::<shelf::Entity>(new_shelf(20)).await);
        next.await.expect("written");
    }

    async fn an_event_without_a_row_is_published_too(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let mut work = library.world.database.begin(Actor::system());
        let organization_id = library.ours.organization();
        work.record(&ShelfAdded { organization_id, id: id(20) });
        work.commit().await.expect("committed");
        assert_eq!(library.world.events.names(), [ShelfAdded::NAME]);
    }

    async fn an_envelope_has_event_organization_actor_and_time(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let request = Uuid::from_u128(77);
        let actor = Actor { request: Some(request), ..Actor::system() };
        let context = library.world.issuer.tenant(
            library.ours.organization(), library.ours.user(), Role::Viewer, actor,
        );
        let grant = context.require::<super::library::UseLibrary>().expect("a viewer");
        let mut work = library.world.database.begin(&grant);
        add_shelf(&library, &mut work, 20).await;
        add_shelf(&library, &mut work, 21).await;
        work.commit().await.expect("committed");
        let published = library.world.events.published();
        assert_ne!(published[0].id, published[1].id);
        for (envelope, n) in published.iter().zip([20, 21]) {
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

    async fn events_are_published_after_the_commit_is_visible(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let (database, mut receiver, resume) = slow(&library).await;
        let mut work = database.begin(&library.ours);
        add_shelf(&library, &mut work, 20).await;
        let commit = tokio::spawn(work.commit());
        let published = receiver.recv().await.expect("published");
        assert_eq!(published.len(), 1);
        assert_eq!(library.world.raw.number(SHELF_20).await, 1);
        assert!(!commit.is_finished(), "the commit waits for its listeners");
        resume.notify_one();
        commit.await.expect("no panic").expect("committed");
    }

    async fn a_commit_completes_if_its_caller_is_dropped(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let (database, mut receiver, resume) = slow(&library).await;
        let mut work = database.begin(&library.ours);
        add_shelf(&library, &mut work, 20).await;
        // Polled once and dropped.
        assert!(work.commit().now_or_never().is_none());
        let published = receiver.recv().await.expect("published although the caller is gone");
        assert_eq!(published[0].name, ShelfAdded::NAME);
        assert_eq!(library.world.raw.number(SHELF_20).await, 1);
        resume.notify_one();
    }

    async fn a_rejected_commit_publishes_nothing(db: TestDatabase) {
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
        // The connection remains usable.
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
            // Postgres replies to a COMMIT after that with a ROLLBACK and no error.
            work.commit().await
        });
        let refusal = outcome.await.expect_err("a statement failed");
        assert!(matches!(refusal, DbError::RolledBack), "{refusal:?}");
        assert_eq!(library.world.events.published(), []);
    }

    async fn a_rejection_before_the_database_does_not_abort_a_unit_of_work(db: TestDatabase) {
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
        work.commit().await.expect("the commit succeeds and is reported");
        let rows = library.read();
        assert_eq!(rows.find::<shelf::Entity>().count().await.expect("a number"), 4);
    }

    async fn concurrent_writers_all_commit(db: TestDatabase) {
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
            written.expect("no panic").expect("no writer gets a busy error");
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
