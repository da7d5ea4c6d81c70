//! The connection to the broker and its stream.

use std::time::Duration;

use async_nats::{
    ConnectOptions,
    jetstream::{
        Context,
        context::ContextBuilder,
        stream::{Config, Stream},
    },
};
use secrecy::ExposeSecret as _;
use tenantry_domain_events::ListenerError;

use crate::{NatsOptions, options::Credentials};

/// The timeout of a connection and of each request. It is well below the five seconds of an
/// attempt, so that a hanging broker fails here, where the connection is dropped with the error.
const TIMEOUT: Duration = Duration::from_millis(1500);

/// The deduplication window of a stream created here: much longer than the longest backoff.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(600);

/// Bytes reserved for the headers of a message.
const HEADERS: usize = 1024;

/// A connection, and the stream that events are published to.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) jetstream: Context,
    pub(crate) stream: Stream,
}

impl Connection {
    /// Connects, and creates the stream if it does not exist. An existing one is not changed.
    pub(crate) async fn open(options: &NatsOptions) -> Result<Self, ListenerError> {
        let connect = ConnectOptions::new()
            .name("tenantry")
            .connection_timeout(TIMEOUT)
            .request_timeout(Some(TIMEOUT));
        let connect = match &options.servers.credentials {
            None => connect,
            Some(Credentials::Token(token)) => connect.token(token.expose_secret().to_owned()),
            Some(Credentials::User { name, password }) => {
                connect.user_and_password(name.clone(), password.expose_secret().to_owned())
            }
        };
        let client = connect.connect(&options.servers.addresses[..]).await?;
        let jetstream = ContextBuilder::new().timeout(TIMEOUT).build(client);
        let wanted = Config {
            name: options.stream.to_string(),
            subjects: vec![format!("{}.>", options.prefix)],
            duplicate_window: DUPLICATE_WINDOW,
            ..Config::default()
        };
        let stream = jetstream.get_or_create_stream(wanted).await?;
        Ok(Self { jetstream, stream })
    }

    /// The maximum size of a payload in bytes.
    pub(crate) fn max_payload(&self) -> usize {
        let server = self.jetstream.client().max_payload();
        // -1 means no limit.
        let stream = usize::try_from(self.stream.cached_info().config.max_message_size);
        let stream = stream.ok().filter(|size| *size > 0);
        server.min(stream.unwrap_or(server)).saturating_sub(HEADERS)
    }
}
