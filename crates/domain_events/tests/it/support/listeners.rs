//! Listeners that leave a mark, and listeners that misbehave.

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
    /// Leave marks.
    LeaveMarks = "test.leave_marks", Owner
);

/// How a listener behaves when it is told.
#[derive(Clone, Default)]
pub(crate) enum Manner {
    /// It writes its mark.
    #[default]
    Fine,
    /// It writes its mark and then fails.
    Fails,
    /// It writes its mark and then panics.
    Panics,
    /// It never ends, and has written nothing by then.
    Hangs,
    /// It waits to be told to go on, before it writes.
    WaitsFirst(Arc<Notify>),
    /// It waits to be told to go on, after it wrote.
    WaitsLast(Arc<Notify>),
}

/// A listener that writes one row for each event.
#[derive(Clone)]
pub(crate) struct Marks {
    name: &'static str,
    manner: Arc<dyn Fn(&Envelope) -> Manner + Send + Sync>,
    /// How often it was told.
    pub(crate) told: Arc<AtomicUsize>,
    /// Told whenever it begins, and whenever it wrote.
    pub(crate) began: Arc<Notify>,
    pub(crate) wrote: Arc<Notify>,
}

impl Marks {
    pub(crate) fn new(name: &'static str) -> Self {
        Self::with(name, |_| Manner::Fine)
    }

    pub(crate) fn with(
        name: &'static str,
        manner: impl Fn(&Envelope) -> Manner + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            manner: Arc::new(manner),
            told: Arc::default(),
            began: Arc::default(),
            wrote: Arc::default(),
        }
    }

    pub(crate) fn always(name: &'static str, manner: Manner) -> Self {
        Self::with(name, move |_| manner.clone())
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
        handling: &mut EventContext<OrganizationId>,
    ) -> Result<(), ListenerError> {
        self.told.fetch_add(1, Ordering::SeqCst);
        self.began.notify_one();
        let manner = (self.manner)(handling.envelope());
        match &manner {
            Manner::Hangs => std::future::pending().await,
            Manner::WaitsFirst(go_on) => go_on.notified().await,
            _ => {}
        }
        let number = handling.envelope().number;
        let grant = handling.context().require::<LeaveMarks>()?;
        let id = handling.work().runtime().new_id();
        let rows = handling.work().tenant(&grant).await?;
        let row = mark::ActiveModel {
            id: Set(id),
            listener: Set(self.name.to_owned()),
            number: Set(number),
            ..Default::default()
        };
        rows.insert::<mark::Entity>(row).await?;
        self.wrote.notify_one();
        match manner {
            Manner::Fails => Err("as this test wants".into()),
            Manner::Panics => panic!("as this test wants"),
            Manner::WaitsLast(go_on) => {
                go_on.notified().await;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}
