//! Where events go besides our own listeners.

#[cfg(feature = "nats")]
use tenantry_relay_nats::NatsOptions;

use super::{
    catalog::{NATS_PREFIX, NATS_STREAM, NATS_URL},
    reader::Reader,
};

/// Where events go besides our own listeners.
#[derive(Clone, Debug)]
pub struct EventSettings {
    /// The broker that every event is handed on to.
    #[cfg(feature = "nats")]
    pub nats: Option<NatsOptions>,
}

#[cfg(feature = "nats")]
pub(super) fn read(reader: &mut Reader<'_>) -> Option<EventSettings> {
    let servers = reader.secret(&NATS_URL, |text| {
        text.parse().map_err(|error| format!("{error}"))
    });
    let stream = reader.value(&NATS_STREAM, str::parse);
    let prefix = reader.value(&NATS_PREFIX, str::parse);
    let (servers, stream, prefix) = (servers?, stream?, prefix?);
    let nats = servers.map(|servers| NatsOptions {
        servers,
        stream,
        prefix,
    });
    Some(EventSettings { nats })
}

/// This build has no relay, and must not look as if it had: events would be missing for ever.
#[cfg(not(feature = "nats"))]
pub(super) fn read(reader: &mut Reader<'_>) -> Option<EventSettings> {
    let refused = "needs a build with the feature `nats`: cargo build --release --features nats";
    let url = reader.secret(&NATS_URL, |_| Err::<(), _>(refused.to_owned()));
    for setting in [&NATS_STREAM, &NATS_PREFIX] {
        if reader.text(setting) != setting.default {
            reader.mistake(setting, refused);
        }
    }
    url.map(|_| EventSettings {})
}
