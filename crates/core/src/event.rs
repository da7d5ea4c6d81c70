//! Domain events: facts in the past tense, recorded where they happen and told after commit.

use async_trait::async_trait;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    access::Actor,
    clock::Timestamp,
    entropy::Sources,
    id::{EventId, OrganizationId, UserId, Uuid},
};

/// Something that happened, with the ids and the state that others need to react to it.
pub trait DomainEvent: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stable wire name, `module.past_tense`.
    const NAME: &'static str;
    /// The version of the payload; a change that breaks readers gets a new one.
    const VERSION: u16;

    /// The organization in which it happened, if it happened in one.
    fn organization(&self) -> Option<OrganizationId>;
}

/// A recorded event: what happened, and where, when and on whose behalf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Names this occurrence; a handler recognises a repeated delivery by it.
    pub id: EventId,
    /// The event's wire name.
    pub name: String,
    /// The payload's version.
    pub version: u16,
    /// The organization in which it happened.
    pub organization_id: Option<OrganizationId>,
    /// The person on whose behalf it happened.
    pub actor_id: Option<UserId>,
    /// The request that caused it.
    pub request_id: Option<Uuid>,
    /// When it was recorded.
    pub occurred_at: Timestamp,
    /// The event itself.
    pub payload: serde_json::Value,
}

impl Envelope {
    pub(crate) fn seal<E: DomainEvent>(event: &E, actor: Actor, sources: &Sources) -> Self {
        Self {
            id: sources.id(),
            name: E::NAME.to_owned(),
            version: E::VERSION,
            organization_id: event.organization(),
            actor_id: actor.user,
            request_id: actor.request,
            occurred_at: sources.now(),
            payload: serde_json::to_value(event).expect("an event is plain data"),
        }
    }

    /// The event, when it is one of this type and version.
    ///
    /// # Errors
    /// When the payload does not hold what its name and version promise.
    pub fn open<E: DomainEvent>(&self) -> Result<Option<E>, serde_json::Error> {
        if self.name != E::NAME || self.version != E::VERSION {
            return Ok(None);
        }
        E::deserialize(&self.payload).map(Some)
    }
}

/// Who is told of events once they are committed.
#[async_trait]
pub trait Publisher: Send + Sync + 'static {
    /// Tells everybody who listens. What fails there stays there: the commit stands.
    async fn publish(&self, events: Vec<Envelope>);
}
