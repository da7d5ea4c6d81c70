//! An event as a message.

use async_nats::{HeaderMap, header::NATS_MESSAGE_ID, jetstream::message::PublishMessage};
use serde_json::Value;
use tenantry_core::event::Envelope;
use tenantry_domain_events::ListenerError;

use crate::SubjectPrefix;

/// The header that holds the event's place in the order of its stream.
pub(crate) const NUMBER: &str = "Tenantry-Number";

/// The header of an event that went without its payload, because it is too large for the broker.
const OMITTED: &str = "Tenantry-Omitted";

/// Where an event goes: `PREFIX.org.ORGANIZATION.NAME`, or `PREFIX.user.PERSON.NAME`.
pub(crate) fn subject(prefix: &SubjectPrefix, envelope: &Envelope) -> String {
    let kind = match envelope.organization_id {
        Some(_) => "org",
        None => "user",
    };
    format!("{prefix}.{kind}.{}.{}", envelope.stream_id, envelope.name)
}

/// The message: the envelope as JSON. One of more bytes than that goes without its payload, so
/// that consumers know that there was something, and everything after it keeps its place.
pub(crate) fn message(envelope: &Envelope, most: usize) -> Result<PublishMessage, ListenerError> {
    let mut message = PublishMessage::build()
        .message_id(envelope.id.to_string())
        .header(NUMBER, envelope.number.to_string());
    let mut json = serde_json::to_vec(envelope)?;
    if json.len() > most {
        let bare = Envelope {
            payload: Value::Null,
            ..envelope.clone()
        };
        json = serde_json::to_vec(&bare)?;
        message = message.header(OMITTED, "payload");
    }
    Ok(message.payload(json.into()))
}

/// What a message that is there already tells of the event that it is.
pub(crate) struct Published<'h>(pub(crate) &'h HeaderMap);

impl Published<'_> {
    /// Whether it is this event.
    pub(crate) fn is(&self, envelope: &Envelope) -> bool {
        let id = self.0.get(NATS_MESSAGE_ID);
        id.is_some_and(|id| id.as_str() == envelope.id.to_string())
    }

    /// The event's number in its stream, if it is an event.
    pub(crate) fn number(&self) -> Option<i64> {
        self.0.get(NUMBER)?.as_str().parse().ok()
    }
}
