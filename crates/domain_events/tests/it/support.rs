//! Listeners that remember, and listeners that misbehave.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tenantry_core::{
    clock::Timestamp,
    event::{DomainEvent, Envelope},
    id::{OrganizationId, UserId, Uuid},
};
use tenantry_domain_events::{Listener, ListenerError, events::users::UserRenamed};

/// What the listeners of a test heard: who, and which occurrence.
#[derive(Clone, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<(&'static str, Uuid)>>>);

impl Heard {
    pub(crate) fn by(&self, name: &'static str) -> Vec<Uuid> {
        let heard = self.0.lock().expect("not poisoned");
        let by = heard.iter().filter(|(listener, _)| *listener == name);
        by.map(|(_, id)| *id).collect()
    }
}

/// How a listener behaves once it heard.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    Fine,
    Fails,
    Panics,
    PanicsAtOnce,
    Hangs,
}

pub(crate) struct Ear {
    pub(crate) name: &'static str,
    pub(crate) manner: Manner,
    pub(crate) heard: Heard,
}

#[async_trait]
impl<E: DomainEvent> Listener<E> for Ear {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn on(&self, _: E, envelope: &Envelope) -> Result<(), ListenerError> {
        assert!(!matches!(self.manner, Manner::PanicsAtOnce), "at once");
        let heard = (self.name, envelope.id.uuid());
        self.heard.0.lock().expect("not poisoned").push(heard);
        match self.manner {
            Manner::Fails => Err("as this test wants".into()),
            Manner::Panics => panic!("as this test wants"),
            Manner::Hangs => std::future::pending().await,
            Manner::Fine | Manner::PanicsAtOnce => Ok(()),
        }
    }
}

/// The occurrence of that number of an event.
pub(crate) fn envelope<E: DomainEvent>(n: u128, event: &E) -> Envelope {
    Envelope {
        id: Uuid::from_u128(n).into(),
        name: E::NAME.to_owned(),
        version: E::VERSION,
        organization_id: event.organization(),
        actor_id: None,
        request_id: None,
        occurred_at: Timestamp::UNIX_EPOCH,
        payload: serde_json::to_value(event).expect("plain data"),
    }
}

pub(crate) fn renamed() -> UserRenamed {
    UserRenamed { user_id: user(7) }
}

pub(crate) fn user(n: u128) -> UserId {
    Uuid::from_u128(n).into()
}

pub(crate) fn organization(n: u128) -> OrganizationId {
    Uuid::from_u128(n).into()
}
