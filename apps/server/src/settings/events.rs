//! Retention of events, and the broker that they are relayed to.

use std::time::Duration;

use tenantry_domain_events::Retention;
#[cfg(feature = "nats")]
use tenantry_relay_nats::NatsOptions;

use super::{
    catalog::{ACCESS_SECONDS, KEEP_ACCESS_DAYS, KEEP_AUDIT_DAYS, KEEP_DEAD_DAYS, Setting},
    nats,
    reader::{SettingsReader, whole_number},
};

/// The log of events.
#[derive(Clone, Debug)]
pub struct EventSettings {
    /// How long each kind of entry is kept.
    pub retention: Retention,
    /// How long denials are buffered before they are recorded.
    pub denial_flush_interval: Duration,
    /// The broker that every event is relayed to.
    #[cfg(feature = "nats")]
    pub nats: Option<NatsOptions>,
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<EventSettings> {
    let changes = days(reader, &KEEP_AUDIT_DAYS);
    let access = days(reader, &KEEP_ACCESS_DAYS);
    let dead = days(reader, &KEEP_DEAD_DAYS);
    let seconds = reader.value(&ACCESS_SECONDS, whole_number(1, 3600));
    let nats = nats::read(reader);
    #[cfg(not(feature = "nats"))]
    let () = nats?;
    Some(EventSettings {
        retention: Retention {
            changes: changes?,
            access: access?,
            dead: dead?,
        },
        denial_flush_interval: Duration::from_secs(seconds?),
        #[cfg(feature = "nats")]
        nats: nats?,
    })
}

/// A number of days; 0 is unlimited.
pub(super) fn days(
    reader: &mut SettingsReader<'_>,
    setting: &'static Setting,
) -> Option<Option<Duration>> {
    let days: u64 = reader.value(setting, whole_number(0, 36500))?;
    Some((days > 0).then(|| Duration::from_secs(days * 24 * 3600)))
}
