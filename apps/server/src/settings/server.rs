//! Where the server listens.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tenantry_http::{CorsOrigins, TrustedProxies};
use url::{Host, Url};

use super::{
    catalog::{CORS_ORIGINS, DRAIN_SECONDS, HOST, PORT, PUBLIC_URL, TRUSTED_PROXIES, WORKERS},
    reader::{SettingsReader, whole_number},
};

/// Where the server listens, and its public address.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port; 0 picks a free one.
    pub port: u16,
    /// The base of links, where it differs from the listen address.
    pub public_url: Option<PublicUrl>,
    /// The proxies whose forwarding headers are trusted.
    pub trusted_proxies: TrustedProxies,
    /// Further origins that may call the API from a browser.
    pub cors_origins: CorsOrigins,
    /// How long the server continues to serve, reported as not ready, before it stops.
    pub drain: Duration,
    /// Number of worker threads.
    pub workers: usize,
}

impl ServerSettings {
    /// The base of links, if it is known before the server listens.
    #[must_use]
    pub fn address_in_links(&self) -> Option<String> {
        match (&self.public_url, self.port) {
            (Some(url), _) => Some(url.to_string()),
            (None, 0) => None,
            (None, port) => {
                let address = SocketAddr::new(self.host, port);
                Some(format!("http://{}", reachable(address)))
            }
        }
    }
}

/// The address to open in a browser: loopback for an unspecified one.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// The public address: a scheme, a host and optionally a port, without a trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    fn parse(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "must be http:// or https:// and a host, without a path";
        let url = Url::parse(text).map_err(|_| EXPECTED)?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.port() != Some(0);
        if bare && ["http", "https"].contains(&url.scheme()) {
            Ok(Self(url.origin().ascii_serialization()))
        } else {
            Err(EXPECTED)
        }
    }

    /// Whether it names this machine, which listens on `address`: no proxy is in between.
    #[must_use]
    pub fn is_this_machine(&self, address: IpAddr) -> bool {
        let url = Url::parse(&self.0).ok();
        match url.as_ref().and_then(Url::host) {
            Some(Host::Ipv4(ip)) => ip.is_loopback() || address == IpAddr::V4(ip),
            Some(Host::Ipv6(ip)) => ip.is_loopback() || address == IpAddr::V6(ip),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }

    /// Whether clients connect over HTTPS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<ServerSettings> {
    let host = reader.value(&HOST, |text| {
        text.parse()
            .map_err(|_| "must be an IP address to listen on, such as 127.0.0.1 or 0.0.0.0")
    });
    let port = reader.value(&PORT, whole_number(0, u16::MAX));
    let public_url = reader.optional(&PUBLIC_URL, PublicUrl::parse);
    let trusted_proxies = reader.optional(&TRUSTED_PROXIES, str::parse::<TrustedProxies>);
    let cors_origins = reader.optional(&CORS_ORIGINS, str::parse::<CorsOrigins>);
    let drain = reader.value(&DRAIN_SECONDS, whole_number(0, 3600));
    let workers = reader.optional(&WORKERS, whole_number(1, 256));
    Some(ServerSettings {
        host: host?,
        port: port?,
        public_url: public_url?,
        trusted_proxies: trusted_proxies?.unwrap_or_default(),
        cors_origins: cors_origins?.unwrap_or_default(),
        drain: Duration::from_secs(drain?),
        workers: workers?.unwrap_or_else(default_workers),
    })
}

/// One for each core, at most four: beyond that, workers mostly wait for the database.
fn default_workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4))
}
