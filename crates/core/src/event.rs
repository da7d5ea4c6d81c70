//! Domain events: facts in the past tense, recorded in a unit of work and published after its commit.

mod changes;

use std::sync::Arc;

use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use self::changes::{Change, Changes};
use crate::{
    access::{ActedBy, Actor, Identity},
    clock::Timestamp,
    id::{EventId, MailId, OrganizationId, UserId, Uuid},
    runtime::Runtime,
};

/// Something that happened, with the ids and the state that listeners need.
pub trait DomainEvent: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The stable wire name, `module.past_tense`.
    const NAME: &'static str;
    /// The version of the payload; a change that breaks readers gets a new one.
    const VERSION: u16;
    /// The kind of event, which decides how long it is kept.
    const KIND: EventKind;
    /// The type of its stream: an organization's; a user's or a mail's for an event outside of all
    /// organizations.
    type Stream: Stream;

    /// Its event stream. Events of one stream are delivered in order.
    fn stream(&self) -> Self::Stream;

    /// The organization in which it happened, if any.
    fn organization(&self) -> Option<OrganizationId> {
        self.stream().organization()
    }
}

/// What an event type declares, as a value.
#[derive(Clone, Copy, Debug)]
pub struct EventInfo {
    /// The wire name.
    pub name: &'static str,
    /// The version of the payload.
    pub version: u16,
    /// The kind.
    pub kind: EventKind,
    /// What its stream belongs to: `organization`, `user` or `mail`.
    pub stream: &'static str,
    /// The JSON schema of the payload, without references.
    pub schema: fn() -> Schema,
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
            schema: schema::<E>,
        }
    }
}

fn schema<E: DomainEvent>() -> Schema {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<E>()
}

/// Declares events of the organization in their `organization_id`, and a constant that lists them:
/// the kind, the version and the wire name of each.
///
/// ```
/// # use serde::{Deserialize, Serialize};
/// # use schemars::JsonSchema;
/// # use tenantry_core::{id::OrganizationId, organization_events};
/// /// A room was closed.
/// #[derive(Serialize, Deserialize, JsonSchema)]
/// pub struct RoomClosed {
///     /// Its organization.
///     pub organization_id: OrganizationId,
/// }
///
/// organization_events! {
///     EVENTS:
///     Change 1 RoomClosed = "rooms.room_closed";
/// }
/// assert_eq!(EVENTS[0].name, "rooms.room_closed");
/// ```
#[macro_export]
macro_rules! organization_events {
    ($list:ident: $($kind:ident $version:literal $event:ty = $name:literal;)+) => {
        /// These events, as values.
        pub const $list: &[$crate::event::EventInfo] =
            &[$($crate::event::EventInfo::of::<$event>()),+];

        $(impl $crate::event::DomainEvent for $event {
            const NAME: &'static str = $name;
            const VERSION: u16 = $version;
            const KIND: $crate::event::EventKind = $crate::event::EventKind::$kind;

            type Stream = $crate::id::OrganizationId;

            fn stream(&self) -> $crate::id::OrganizationId {
                self.organization_id
            }
        })+
    };
}

/// The kind of an event. A setting says how long events of each kind are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Something changed.
    Change,
    /// A user signed in, was denied, or viewed data of others.
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

/// The key of an event stream: an organization, a user or a mail.
///
/// The type decides what a listener may do: an event of an organization comes with a context in
/// that organization, any other with none.
pub trait Stream: sealed::Sealed + Copy + Send + Sync + 'static {
    /// What the stream belongs to: `organization`, `user` or `mail`.
    const OWNER: &'static str;

    /// Its id.
    fn id(self) -> Uuid;
    /// The organization, if it is an organization's stream.
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

/// Each mail has a stream of its own, so that none waits for another.
impl Stream for MailId {
    const OWNER: &'static str = "mail";

    fn id(self) -> Uuid {
        self.uuid()
    }

    fn organization(self) -> Option<OrganizationId> {
        None
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::MailId {}
    impl Sealed for super::OrganizationId {}
    impl Sealed for super::UserId {}
}

/// A recorded event with its metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Envelope {
    /// Identifies this event; a listener recognises a repeated delivery by it.
    pub id: EventId,
    /// Its stream: the id of the organization, of the user or of the mail.
    pub stream_id: Uuid,
    /// Its number in the stream, from 1 and without gaps, in commit order; 0 until the commit.
    pub number: i64,
    /// The event's wire name.
    pub name: String,
    /// The payload's version.
    pub version: u16,
    /// The kind of event.
    pub kind: EventKind,
    /// The organization in which it happened.
    pub organization_id: Option<OrganizationId>,
    /// The user on whose behalf it happened.
    pub actor_id: Option<UserId>,
    /// The request that caused it.
    pub request_id: Option<Uuid>,
    /// When it was recorded.
    pub occurred_at: Timestamp,
    /// The event itself.
    pub payload: serde_json::Value,
    /// What the audit log shows beside it. It holds names and addresses, so it is not published.
    #[serde(skip)]
    pub details: Details,
}

/// What the audit log shows of an event beside its payload.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Details {
    /// With which right the actor acted; `None` for an event of an earlier version.
    pub by: Option<ActedBy>,
    /// The actor's name and address; `None` for the present ones.
    pub identity: Option<Arc<Identity>>,
    /// What changed.
    pub changes: Changes,
    /// The client of a sign-in.
    pub client: Option<Client>,
}

/// The client of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its address, as far as known.
    pub address: Option<String>,
    /// Its program: the user agent, as it names itself.
    pub program: Option<String>,
}

impl Envelope {
    pub(crate) fn encode<E: DomainEvent>(event: &E, actor: &Actor, runtime: &Runtime) -> Self {
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
            details: Details {
                by: Some(actor.by.clone()),
                identity: actor.identity.clone(),
                changes: Changes::default(),
                client: None,
            },
        }
    }

    /// The event, if it is of this type and version.
    ///
    /// # Errors
    /// When the payload does not match its name and version.
    pub fn decode<E: DomainEvent>(&self) -> Result<Option<E>, serde_json::Error> {
        if self.name != E::NAME || self.version != E::VERSION {
            return Ok(None);
        }
        E::deserialize(&self.payload).map(Some)
    }

    /// On whose behalf it happened, and a listener reacts to it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor {
            user: self.actor_id,
            request: self.request_id,
            by: self.details.by.clone().unwrap_or_default(),
            identity: self.details.identity.clone(),
        }
    }
}
