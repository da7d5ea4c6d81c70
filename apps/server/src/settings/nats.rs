//! The NATS relay.

#[cfg(feature = "nats")]
use tenantry_relay_nats::NatsOptions;

use super::{
    catalog::{NATS_PREFIX, NATS_STREAM, NATS_URL},
    reader::SettingsReader,
};

#[cfg(feature = "nats")]
pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Option<NatsOptions>> {
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

/// Without the relay a configured broker is an error: its events would be lost.
#[cfg(not(feature = "nats"))]
pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<()> {
    reader.reject_without("nats", &[&NATS_URL, &NATS_STREAM, &NATS_PREFIX])
}
