//! Where events go besides our own listeners.

#[cfg(feature = "nats")]
use tenantry_relay_nats::NatsOptions;

use super::{
    catalog::{NATS_PREFIX, NATS_STREAM, NATS_URL},
    reader::Reader,
};

#[cfg(feature = "nats")]
pub(super) fn read(reader: &mut Reader<'_>) -> Option<Option<NatsOptions>> {
    let servers = reader.secret(&NATS_URL, |text| {
        text.parse().map_err(|error| format!("{error}"))
    });
    let stream = reader.value(&NATS_STREAM, str::parse);
    let prefix = reader.value(&NATS_PREFIX, str::parse);
    let (servers, stream, prefix) = (servers?, stream?, prefix?);
    Some(servers.map(|servers| NatsOptions {
        servers,
        stream,
        prefix,
    }))
}

/// This build has no relay, and must not look as if it had: events would be missing for ever.
#[cfg(not(feature = "nats"))]
pub(super) fn read(reader: &mut Reader<'_>) -> Option<()> {
    let refused = "needs a build with the feature `nats`: cargo build --release --features nats";
    let url = reader.secret(&NATS_URL, |_| Err::<(), _>(refused.to_owned()));
    for setting in [&NATS_STREAM, &NATS_PREFIX] {
        if reader.text(setting) != setting.default {
            reader.mistake(setting, refused);
        }
    }
    url.map(drop)
}
