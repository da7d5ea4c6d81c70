//! Whether and where to answer with metrics.

use std::net::SocketAddr;

use super::{
    catalog::{METRICS_HOST, METRICS_PORT},
    reader::{Reader, whole_number},
};

/// Whether and where to answer with metrics.
#[derive(Clone, Debug)]
pub struct MetricsSettings {
    /// The address to listen on, which is not the one that people come to.
    pub address: Option<SocketAddr>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<MetricsSettings> {
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
