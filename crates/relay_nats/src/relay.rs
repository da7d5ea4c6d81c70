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
    message::{Published, message, subject},
};

/// Publishes events to a stream of NATS JetStream.
///
/// The broker forgets ids after a while, and a message may lie in some buffer for longer than
/// that, while another process goes on with its stream. So each message names what was the last
/// one of its subject when it was made, and the broker takes it only if it still is.
pub struct NatsRelay {
    options: NatsOptions,
    runtime: Runtime,
    connection: Mutex<Option<Connection>>,
}

impl NatsRelay {
    /// A relay. It connects when there is something to publish.
    #[must_use]
    pub fn new(options: NatsOptions, runtime: Runtime) -> Self {
        Self {
            options,
            runtime,
            connection: Mutex::default(),
        }
    }

    async fn connection(&self) -> Result<Connection, ListenerError> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = &*kept {
            return Ok(connection.clone());
        }
        let opened = Connection::open(&self.options).await?;
        Ok(kept.insert(opened).clone())
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
                let published = Published(&last.headers);
                if published.is(envelope) {
                    return Ok(());
                }
                if let Some(number) = published.number().filter(|it| *it >= envelope.number) {
                    return Err(overtaken(&subject, number));
                }
                last.sequence
            }
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => 0,
            Err(error) => return Err(error.into()),
        };
        self.runtime.failpoint("relay.nats.asked").await;
        let message = message(envelope, connection.most())?
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

/// It is told again; if another process was quicker, nothing is left to be told by then.
fn overtaken(subject: &str, number: i64) -> ListenerError {
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
            // Whatever it was, the connection or the stream may not be what they were.
            self.connection.lock().await.take();
        }
        published
    }
}
