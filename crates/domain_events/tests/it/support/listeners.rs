//! Listeners that insert a mark, and listeners that misbehave.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use tenantry_core::{
    event::{DomainEvent, Envelope},
    id::OrganizationId,
    orm::Set,
    permission,
};
use tenantry_domain_events::{EventContext, Listener, ListenerError};
use tokio::sync::Notify;

use super::table::mark;

permission!(
    /// Insert marks.
    LeaveMarks = "test.leave_marks", Owner
);

/// How a listener handles an event.
#[derive(Clone, Default)]
pub(crate) enum Behavior {
    /// It inserts a mark.
    #[default]
    Fine,
    /// It inserts a mark and then fails.
    Fails,
    /// It inserts a mark and then panics.
    Panics,
    /// It hangs before it inserts.
    Hangs,
    /// It waits for a notification before it inserts.
    WaitsFirst(Arc<Notify>),
    /// It waits for a notification after it inserted.
    WaitsLast(Arc<Notify>),
}

/// A listener that inserts one row for each event.
#[derive(Clone)]
pub(crate) struct Marks {
    name: &'static str,
    behavior: Arc<dyn Fn(&Envelope) -> Behavior + Send + Sync>,
    /// How often it was called.
    pub(crate) calls: Arc<AtomicUsize>,
    /// Notified at the start of each call, and after each insert.
    pub(crate) began: Arc<Notify>,
    pub(crate) wrote: Arc<Notify>,
}

impl Marks {
    pub(crate) fn new(name: &'static str) -> Self {
        Self::with(name, |_| Behavior::Fine)
    }

    pub(crate) fn with(
        name: &'static str,
        behavior: impl Fn(&Envelope) -> Behavior + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            behavior: Arc::new(behavior),
            calls: Arc::default(),
            began: Arc::default(),
            wrote: Arc::default(),
        }
    }

    pub(crate) fn always(name: &'static str, behavior: Behavior) -> Self {
        Self::with(name, move |_| behavior.clone())
    }
}

#[async_trait]
impl<E: DomainEvent<Stream = OrganizationId>> Listener<E> for Marks {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn on(
        &self,
        _: E,
        context: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        self.began.notify_one();
        let behavior = (self.behavior)(context.envelope());
        match &behavior {
            Behavior::Hangs => std::future::pending().await,
            Behavior::WaitsFirst(release) => release.notified().await,
            _ => {}
        }
        let number = context.envelope().number;
        let grant = context.tenant_context().require::<LeaveMarks>()?;
        let id = context.work().runtime().new_id();
        let rows = context.work().tenant(&grant).await?;
        let row = mark::ActiveModel {
            id: Set(id),
            listener: Set(self.name.to_owned()),
            number: Set(number),
            ..Default::default()
        };
        rows.insert::<mark::Entity>(row).await?;
        self.wrote.notify_one();
        match behavior {
            Behavior::Fails => Err("as this test wants".into()),
            Behavior::Panics => panic!("as this test wants"),
            Behavior::WaitsLast(release) => {
                release.notified().await;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
