//! A broker, read as a consumer.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use async_nats::jetstream::{self, message::StreamMessage, stream::Config};
use tenantry_testkit::NatsServer;

/// A broker for one test.
pub(crate) struct Broker(NatsServer);

impl Broker {
    pub(crate) fn start() -> Self {
        Self(NatsServer::start())
    }

    pub(crate) fn with(settings: &'static str) -> Self {
        Self(NatsServer::with(settings))
    }

    pub(crate) async fn jetstream(&self) -> jetstream::Context {
        let client = async_nats::connect(self.address()).await;
        jetstream::new(client.expect("it listens"))
    }

    /// Creates the stream before the relay does, with a very short deduplication window.
    pub(crate) async fn create_stream_with_short_window(&self) {
        let config = Config {
            name: "EVENTS".to_owned(),
            subjects: vec!["test.>".to_owned()],
            duplicate_window: DUPLICATE_WINDOW,
            ..Config::default()
        };
        let made = self.jetstream().await.create_stream(config).await;
        made.expect("a new stream");
    }

    /// The number of messages; 0 when there is no stream yet.
    pub(crate) async fn count(&self) -> u64 {
        let stream = self.jetstream().await.get_stream("EVENTS").await;
        stream.map_or(0, |stream| stream.cached_info().state.messages)
    }

    /// All messages, in order.
    pub(crate) async fn messages(&self) -> Vec<StreamMessage> {
        let stream = self.jetstream().await.get_stream("EVENTS").await;
        let stream = stream.expect("the stream");
        let last = stream.cached_info().state.last_sequence;
        let mut messages = Vec::new();
        for sequence in 1..=last {
            let message = stream.get_raw_message(sequence).await;
            messages.push(message.expect("nothing is ever deleted"));
        }
        messages
    }
}

impl Deref for Broker {
    type Target = NatsServer;

    fn deref(&self) -> &NatsServer {
        &self.0
    }
}

impl DerefMut for Broker {
    fn deref_mut(&mut self) -> &mut NatsServer {
        &mut self.0
    }
}

/// The short deduplication window.
pub(crate) const DUPLICATE_WINDOW: Duration = Duration::from_millis(100);
