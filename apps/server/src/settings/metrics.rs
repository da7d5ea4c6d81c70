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

pub(super) fn read(
    reader: &mut SettingsReader<'_>,
    server: Option<SocketAddr>,
) -> Option<MetricsSettings> {
    let host = reader.value(&METRICS_HOST, |text| {
        text.parse()
            .map_err(|_| "must be an IP address to listen on, such as 127.0.0.1 or 0.0.0.0")
    });
    let port = reader.optional(&METRICS_PORT, whole_number(0, u16::MAX));
    let (host, port) = (host?, port?);
    let address = port.map(|port| SocketAddr::new(host, port));
    if let (Some(address), Some(server)) = (address, server)
        && overlap(address, server)
    {
        let problem = format!("must not be the port of the server, which is {server}");
        reader.error(&METRICS_PORT, problem);
    }
    Some(MetricsSettings { address })
}

/// Whether two listeners can't have both addresses. Port 0 is a free one each time.
fn overlap(one: SocketAddr, other: SocketAddr) -> bool {
    let is_any = one.ip().is_unspecified() || other.ip().is_unspecified();
    one.port() != 0 && one.port() == other.port() && (is_any || one.ip() == other.ip())
}
