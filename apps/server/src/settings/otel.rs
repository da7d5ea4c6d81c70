//! Who gets the traces.

#[cfg(feature = "otel")]
use std::str::FromStr;

#[cfg(feature = "otel")]
use url::Url;

use super::{catalog::OTEL_ENDPOINT, reader::Reader};

/// Who gets the traces.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OtelSettings {
    /// The collector; there are no traces without one.
    #[cfg(feature = "otel")]
    pub collector: Option<Collector>,
}

#[cfg(feature = "otel")]
pub(super) fn read(reader: &mut Reader<'_>) -> Option<OtelSettings> {
    let collector = match reader.text(&OTEL_ENDPOINT).map(str::parse) {
        None => None,
        Some(Ok(collector)) => Some(collector),
        Some(Err(expected)) => {
            // What was found is not shown: there may be a password in it.
            reader.mistake(&OTEL_ENDPOINT, expected);
            return None;
        }
    };
    Some(OtelSettings { collector })
}

/// This build sends none, and must not look as if it did.
#[cfg(not(feature = "otel"))]
pub(super) fn read(reader: &mut Reader<'_>) -> Option<OtelSettings> {
    let refused = "needs a build with the feature `otel`: cargo build --release --features otel";
    if reader.text(&OTEL_ENDPOINT).is_some() {
        reader.mistake(&OTEL_ENDPOINT, refused);
        return None;
    }
    Some(OtelSettings {})
}

/// The address of a collector that takes OTLP over HTTP.
#[cfg(feature = "otel")]
#[derive(Clone, Debug)]
pub struct Collector(Url);

#[cfg(feature = "otel")]
impl Collector {
    /// Where it takes traces.
    #[must_use]
    pub fn traces(&self) -> String {
        format!("{}/v1/traces", self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(feature = "otel")]
impl FromStr for Collector {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        // What is needed for TLS is not in this build: a collector stands beside the server.
        let plain = |url: &Url| {
            url.scheme() == "http"
                && url.has_host()
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
