//! Where to listen.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tenantry_http::{CorsOrigins, TrustedProxies};
use url::Url;

use super::{
    catalog::{CORS_ORIGINS, DRAIN_SECONDS, HOST, PORT, PUBLIC_URL, TRUSTED_PROXIES, WORKERS},
    reader::{Reader, whole_number},
};

/// Where to listen, and how people get there.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// The address to listen on.
    pub host: IpAddr,
    /// The port; 0 picks a free one.
    pub port: u16,
    /// The base of links, where it is not the address we listen on.
    pub public_url: Option<PublicUrl>,
    /// The proxies whose word counts on where a request came from.
    pub trusted_proxies: TrustedProxies,
    /// The origins, besides our own, whose pages may call.
    pub cors_origins: CorsOrigins,
    /// How long it goes on, not ready any more, before it stops.
    pub drain: Duration,
    /// How many threads answer requests.
    pub workers: usize,
}

impl ServerSettings {
    /// What links begin with, if it can be known before the server listens.
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

/// The address to open in a browser: "all of them" is none.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

/// The address people see: a scheme, a host and perhaps a port, without a slash at the end.
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
            && url.password().is_none();
        if bare && ["http", "https"].contains(&url.scheme()) {
            Ok(Self(url.origin().ascii_serialization()))
        } else {
            Err(EXPECTED)
        }
    }

    /// Whether people come over HTTPS.
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

pub(super) fn read(reader: &mut Reader<'_>) -> Option<ServerSettings> {
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
        workers: workers?.unwrap_or_else(usual_workers),
    })
}

/// One for each core. More than four wait for the database more than they answer.
fn usual_workers() -> usize {
    std::thread::available_parallelism().map_or(1, |cores| cores.get().min(4))
}
