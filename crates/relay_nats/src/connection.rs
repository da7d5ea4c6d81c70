//! The connection to the broker, and the stream at its end.

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

/// How long to wait for a connection, and for each answer. Much less than the five seconds that an
/// attempt has: a broker that hangs is noticed here, where the connection is given up with it.
const PATIENCE: Duration = Duration::from_millis(1500);

/// For how long the broker remembers ids by itself, in a stream that is made here: as long as
/// the longest pause between two attempts, and a good while more.
const DUPLICATE_WINDOW: Duration = Duration::from_secs(600);

/// How much of a message its headers may take.
const HEADERS: usize = 1024;

/// A connection, and the stream that events go to.
#[derive(Clone)]
pub(crate) struct Connection {
    pub(crate) jetstream: Context,
    pub(crate) stream: Stream,
}

impl Connection {
    /// Connects, and makes the stream if there is none. One that is there stays as it is.
    pub(crate) async fn open(options: &NatsOptions) -> Result<Self, ListenerError> {
        let connect = ConnectOptions::new()
            .name("tenantry")
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE));
        let connect = match &options.servers.credentials {
            None => connect,
            Some(Credentials::Token(token)) => connect.token(token.expose_secret().to_owned()),
            Some(Credentials::User { name, password }) => {
                connect.user_and_password(name.clone(), password.expose_secret().to_owned())
            }
        };
        let client = connect.connect(&options.servers.addresses[..]).await?;
        let jetstream = ContextBuilder::new().timeout(PATIENCE).build(client);
        let wanted = Config {
            name: options.stream.to_string(),
            subjects: vec![format!("{}.>", options.prefix)],
            duplicate_window: DUPLICATE_WINDOW,
            ..Config::default()
        };
        let stream = jetstream.get_or_create_stream(wanted).await?;
        Ok(Self { jetstream, stream })
    }

    /// The most bytes that a message may carry.
    pub(crate) fn most(&self) -> usize {
        let server = self.jetstream.client().max_payload();
        // Without a limit it is -1.
        let stream = usize::try_from(self.stream.cached_info().config.max_message_size);
        let stream = stream.ok().filter(|most| *most > 0);
        server.min(stream.unwrap_or(server)).saturating_sub(HEADERS)
    }
}
