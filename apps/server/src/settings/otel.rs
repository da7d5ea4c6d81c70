//! The collector of traces.

#[cfg(feature = "otel")]
use std::str::FromStr;

#[cfg(feature = "otel")]
use url::Url;

use super::{catalog::OTEL_ENDPOINT, reader::SettingsReader};

/// The collector of traces.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OtelSettings {
    /// The collector; without one there are no traces.
    #[cfg(feature = "otel")]
    pub collector: Option<Collector>,
}

#[cfg(feature = "otel")]
pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<OtelSettings> {
    let collector = match reader.text(&OTEL_ENDPOINT).map(str::parse) {
        None => None,
        Some(Ok(collector)) => Some(collector),
        Some(Err(expected)) => {
            // The value is not shown: it may contain a password.
            reader.error(&OTEL_ENDPOINT, expected);
            return None;
        }
    };
    Some(OtelSettings { collector })
}

/// Without the feature a configured collector is an error.
#[cfg(not(feature = "otel"))]
pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<OtelSettings> {
    reader.reject_without("otel", &[&OTEL_ENDPOINT])?;
    Some(OtelSettings {})
}

/// The address of a collector that takes OTLP over HTTP.
#[cfg(feature = "otel")]
#[derive(Clone, Debug)]
pub struct Collector(Url);

#[cfg(feature = "otel")]
impl Collector {
    /// The URL that receives traces.
    #[must_use]
    pub fn traces(&self) -> String {
        let address = self.0.as_str().trim_end_matches('/');
        // Some documentation names the address with the path.
        let address = address.strip_suffix("/v1/traces").unwrap_or(address);
        format!("{}/v1/traces", address.trim_end_matches('/'))
    }
}

#[cfg(feature = "otel")]
impl FromStr for Collector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        // The exporter is built without TLS: the collector runs beside the server.
        let plain = |url: &Url| {
            url.scheme() == "http"
                && url.has_host()
                && url.port() != Some(0)
                && url.username().is_empty()
                && url.password().is_none()
                && url.query().is_none()
                && url.fragment().is_none()
        };
        Url::parse(text)
            .ok()
            .filter(plain)
            .map(Self)
            .ok_or("must be http://HOST:PORT, the address of a collector that takes OTLP over HTTP")
    }
}
