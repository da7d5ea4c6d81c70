//! The relay.

use async_nats::jetstream::{
    context::{PublishError, PublishErrorKind},
    stream::LastRawMessageErrorKind,
};
use async_trait::async_trait;
use tenantry_core::{event::Envelope, runtime::Runtime};
use tenantry_domain_events::{EventRelay, ListenerError};
use tokio::sync::Mutex;

use crate::{
    NatsOptions,
    connection::Connection,
    message::{PublishedHeaders, message, subject},
};

/// Publishes events to a stream of NATS JetStream.
///
/// The broker's deduplication window is limited, and a delayed message may arrive after it, when
/// another process has already continued the stream. So each message carries the last sequence of
/// its subject as a precondition, which the broker checks.
pub struct NatsRelay {
    options: NatsOptions,
    runtime: Runtime,
    connection: Mutex<Option<Connection>>,
}

impl NatsRelay {
    /// A relay. It connects at the first event.
    #[must_use]
    pub fn new(options: NatsOptions, runtime: Runtime) -> Self {
        Self {
            options,
            runtime,
            connection: Mutex::default(),
        }
    }

    async fn connection(&self) -> Result<Connection, ListenerError> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = &*slot {
            return Ok(connection.clone());
        }
        let opened = Connection::open(&self.options).await?;
        Ok(slot.insert(opened).clone())
    }

    async fn publish_over(
        &self,
        connection: &Connection,
        envelope: &Envelope,
    ) -> Result<(), ListenerError> {
        let subject = subject(&self.options.prefix, envelope);
        let last = connection.stream.get_last_raw_message_by_subject(&subject);
        let last = match last.await {
            Ok(last) => {
                let published = PublishedHeaders(&last.headers);
                if published.is(envelope) {
                    return Ok(());
                }
                if let Some(number) = published.sequence().filter(|it| *it >= envelope.number) {
                    return Err(newer_event_exists(&subject, number));
                }
                last.sequence
            }
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => 0,
            Err(error) => return Err(error.into()),
        };
        self.runtime.failpoint("relay.nats.checked").await;
        let message = message(envelope, connection.max_payload())?
            .expected_stream(self.options.stream.to_string())
            .expected_last_subject_sequence(last);
        let publish = connection.jetstream.send_publish(subject, message);
        match publish.await {
            Ok(stored) => stored.await.map(drop),
            Err(error) => Err(error),
        }
        .map_err(|error| self.explain(error))
    }

    fn explain(&self, error: PublishError) -> ListenerError {
        let NatsOptions { stream, prefix, .. } = &self.options;
        match error.kind() {
            PublishErrorKind::StreamNotFound => {
                format!("the stream {stream} does not take the subjects {prefix}.>").into()
            }
            _ => error.into(),
        }
    }
}

/// The event is retried; if another process has published it, no delivery is left by then.
fn newer_event_exists(subject: &str, number: i64) -> ListenerError {
    let problem = format!(
        "the broker has a later event of {subject} already, number {number}: if this stays, the \
         database is older than the broker's stream"
    );
    problem.into()
}

#[async_trait]
impl EventRelay for NatsRelay {
    fn name(&self) -> &'static str {
        "relay.nats"
    }

    async fn publish(&self, envelope: &Envelope) -> Result<(), ListenerError> {
        let connection = self.connection().await?;
        let published = self.publish_over(&connection, envelope).await;
        if published.is_err() {
            // The connection or the stream may be stale: open them again at the next event.
            self.connection.lock().await.take();
        }
        published
    }
}
