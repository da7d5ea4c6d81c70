//! Domain events: facts in the past tense, recorded where they happen and told after commit.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    access::Actor,
    clock::Timestamp,
    id::{EventId, OrganizationId, UserId, Uuid},
    runtime::Runtime,
};

/// Something that happened, with the ids and the state that others need to react to it.
pub trait DomainEvent: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stable wire name, `module.past_tense`.
    const NAME: &'static str;
    /// The version of the payload; a change that breaks readers gets a new one.
    const VERSION: u16;
    /// What sort of thing it tells of, and with it how long it is kept.
    const KIND: EventKind;
    /// Whose story it belongs to: an organization's, or, outside of all of them, a person's.
    type Stream: Stream;

    /// The story that it belongs to. Within one, events are told in their order.
    fn stream(&self) -> Self::Stream;

    /// The organization in which it happened, if it happened in one.
    fn organization(&self) -> Option<OrganizationId> {
        self.stream().organization()
    }
}

/// What an event type declares, as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventInfo {
    /// The wire name.
    pub name: &'static str,
    /// The version of the payload.
    pub version: u16,
    /// The kind.
    pub kind: EventKind,
    /// What its stream belongs to: `organization` or `user`.
    pub stream: &'static str,
}

impl EventInfo {
    /// What the type declares.
    #[must_use]
    pub const fn of<E: DomainEvent>() -> Self {
        Self {
            name: E::NAME,
            version: E::VERSION,
            kind: E::KIND,
            stream: E::Stream::OWNER,
        }
    }
}

/// What sort of thing an event tells of. How long each sort is kept is for the operator to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Something is not as it was before.
    Change,
    /// Somebody came in, was kept out, or looked at what is not his.
    Access,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Change, Self::Access];

    /// Its name in the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Access => "access",
        }
    }
}

/// Whose story an event belongs to.
///
/// The type decides what a listener may do: an event of an organization comes with a context in
/// that organization, and an event of a person with none.
pub trait Stream: sealed::Sealed + Copy + Send + Sync + 'static {
    /// What the stream belongs to: `organization` or `user`.
    const OWNER: &'static str;

    /// Its id.
    fn id(self) -> Uuid;
    /// The organization whose story it is, if it is one's.
    fn organization(self) -> Option<OrganizationId>;
}

impl Stream for OrganizationId {
    const OWNER: &'static str = "organization";

    fn id(self) -> Uuid {
        self.uuid()
    }

    fn organization(self) -> Option<OrganizationId> {
        Some(self)
    }
}

impl Stream for UserId {
    const OWNER: &'static str = "user";

    fn id(self) -> Uuid {
        self.uuid()
    }

    fn organization(self) -> Option<OrganizationId> {
        None
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::OrganizationId {}
    impl Sealed for super::UserId {}
}

/// A recorded event: what happened, and where, when and on whose behalf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Names this occurrence; a handler recognises a repeated delivery by it.
    pub id: EventId,
    /// The story that it belongs to: the organization's id, or else the person's.
    pub stream_id: Uuid,
    /// Its place in that story, from 1 and without gaps, in the order of the commits. It is 0
    /// until the commit decides it.
    pub number: i64,
    /// The event's wire name.
    pub name: String,
    /// The payload's version.
    pub version: u16,
    /// What sort of thing it tells of.
    pub kind: EventKind,
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
    pub(crate) fn encode<E: DomainEvent>(event: &E, actor: Actor, runtime: &Runtime) -> Self {
        Self {
            id: runtime.new_id(),
            stream_id: event.stream().id(),
            number: 0,
            name: E::NAME.to_owned(),
            version: E::VERSION,
            kind: E::KIND,
            organization_id: event.organization(),
            actor_id: actor.user,
            request_id: actor.request,
            occurred_at: runtime.now(),
            payload: serde_json::to_value(event).expect("an event is plain data"),
        }
    }

    /// The event, when it is one of this type and version.
    ///
    /// # Errors
    /// When the payload does not hold what its name and version promise.
    pub fn decode<E: DomainEvent>(&self) -> Result<Option<E>, serde_json::Error> {
        if self.name != E::NAME || self.version != E::VERSION {
            return Ok(None);
        }
        E::deserialize(&self.payload).map(Some)
    }

    /// On whose behalf it happened, and what a listener does because of it.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        Actor {
            user: self.actor_id,
            request: self.request_id,
        }
    }
}
