//! How many statements a batch of accounts takes.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tenantry_testkit::{Backend, TestDatabase};
use tracing::{Event, Metadata, Subscriber, span};

use crate::support::World;

/// Counts the statements that the driver logs on this thread.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

// Only on Postgres and one thread: SQLite runs its statements on a separate thread.
#[tokio::test]
async fn a_batch_of_accounts_is_one_statement() {
    let db = TestDatabase::new(Backend::Postgres).await;
    let world = World::new(&db).await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(world.create(&format!("user{number}@example.com")).await.id);
    }
    let statements = Statements::default();
    let _counting = tracing::subscriber::set_default(statements.clone());
    // A test on another thread without a subscriber may disable the callsite first. Enable it
    // again, and repeat the query when nothing was counted.
    for _ in 0..100 {
        tracing::callsite::rebuild_interest_cache();
        let found = world.users.users(&ids).await.expect("found");
        assert_eq!(found.len(), 5);
        match statements.0.swap(0, Ordering::Relaxed) {
            0 => {}
            seen => return assert_eq!(seen, 1),
        }
    }
    panic!("the driver logs no statement");
}
