//! Where metrics are served, if at all.

use std::net::SocketAddr;

use super::{
    catalog::{METRICS_HOST, METRICS_PORT},
    reader::{SettingsReader, whole_number},
};

/// Where metrics are served, if at all.
#[derive(Clone, Debug)]
pub struct MetricsSettings {
    /// The address to listen on; not the public one.
    pub address: Option<SocketAddr>,
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<MetricsSettings> {
    let host = reader.value(&METRICS_HOST, |text| {
        text.parse()
            .map_err(|_| "must be an IP address to listen on, such as 127.0.0.1 or 0.0.0.0")
    });
    let port = reader.optional(&METRICS_PORT, whole_number(0, u16::MAX));
    let (host, port) = (host?, port?);
    Some(MetricsSettings {
        address: port.map(|port| SocketAddr::new(host, port)),
    })
}
