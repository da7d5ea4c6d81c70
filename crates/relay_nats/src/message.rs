//! An event as a message.

use async_nats::{HeaderMap, header::NATS_MESSAGE_ID, jetstream::message::PublishMessage};
use serde_json::Value;
use tenantry_core::event::{DomainEvent as _, Envelope};
use tenantry_domain_events::{ListenerError, events::mail::MailDue};

use crate::SubjectPrefix;

/// The header with the event's number in its stream.
pub(crate) const NUMBER: &str = "Tenantry-Number";

/// The header of an event whose payload was omitted because it is too large for the broker.
const OMITTED: &str = "Tenantry-Omitted";

/// The subject of an event: `PREFIX.org.ORGANIZATION.NAME`, `PREFIX.user.USER.NAME` or
/// `PREFIX.mail.MAIL.NAME`.
pub(crate) fn subject(prefix: &SubjectPrefix, envelope: &Envelope) -> String {
    let kind = match envelope.organization_id {
        Some(_) => "org",
        None if envelope.name == MailDue::NAME => "mail",
        None => "user",
    };
    format!("{prefix}.{kind}.{}.{}", envelope.stream_id, envelope.name)
}

/// The message: the envelope as JSON. A message beyond `max_payload` bytes is sent without the
/// event's payload, so that consumers see that the event exists and the order is kept.
pub(crate) fn message(
    envelope: &Envelope,
    max_payload: usize,
) -> Result<PublishMessage, ListenerError> {
    let mut message = PublishMessage::build()
        .message_id(envelope.id.to_string())
        .header(NUMBER, envelope.number.to_string());
    let mut json = serde_json::to_vec(envelope)?;
    if json.len() > max_payload {
        let bare = Envelope {
            payload: Value::Null,
            ..envelope.clone()
        };
        json = serde_json::to_vec(&bare)?;
        message = message.header(OMITTED, "payload");
    }
    Ok(message.payload(json.into()))
}

/// The headers of a stored message, which identify its event.
pub(crate) struct PublishedHeaders<'h>(pub(crate) &'h HeaderMap);

impl PublishedHeaders<'_> {
    /// Whether the message is this event.
    pub(crate) fn is(&self, envelope: &Envelope) -> bool {
        let id = self.0.get(NATS_MESSAGE_ID);
        id.is_some_and(|id| id.as_str() == envelope.id.to_string())
    }

    /// The event's number in its stream, if it is an event.
    pub(crate) fn sequence(&self) -> Option<i64> {
        self.0.get(NUMBER)?.as_str().parse().ok()
    }
}
