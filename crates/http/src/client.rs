//! The client's address, determined once, for rate limits and the log.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
};

use actix_web::http::header::{self, HeaderMap, HeaderName};
use ipnet::{IpNet, Ipv4Net};
use metrics::counter;

use super::forwarded::{forwarded, x_forwarded_for};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Headers by which a proxy shows itself.
const OF_PROXIES: [HeaderName; 5] = [
    header::FORWARDED,
    X_FORWARDED_FOR,
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-real-ip"),
];

/// The address of a request's client. The edge stores it in the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// An address; IPv4 mapped to IPv6 is the same as IPv4.
    #[must_use]
    pub const fn new(address: IpAddr) -> Self {
        Self(address.to_canonical())
    }

    /// The address itself.
    #[must_use]
    pub const fn ip(&self) -> IpAddr {
        self.0
    }

    /// What rate limits count by: the address, or the /64 of IPv6, of which a subscriber has one or more.
    #[must_use]
    pub fn network(self) -> IpAddr {
        match self.0 {
            IpAddr::V4(_) => self.0,
            IpAddr::V6(address) => {
                let subscriber = address.to_bits() & !u128::from(u64::MAX);
                Ipv6Addr::from_bits(subscriber).into()
            }
        }
    }
}

/// For a request without a connection, as in tests of a service.
impl Default for ClientAddress {
    fn default() -> Self {
        Self(Ipv4Addr::UNSPECIFIED.into())
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The proxies whose forwarding headers are trusted. Any other client could forge them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// Networks separated by commas, such as `10.0.0.0/8, 2001:db8::/32`; an address is a network of one.
impl FromStr for TrustedProxies {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = |part: &str| {
            let part = part.trim();
            let network = part
                .parse()
                .or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            network
                .map(canonical)
                .map_err(|_| "must be networks such as 10.0.0.0/8, with commas between")
        };
        text.split(',')
            .map(network)
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// IPv4 mapped to IPv6 is the same as IPv4, in a network as in an address.
fn canonical(network: IpNet) -> IpNet {
    let IpNet::V6(mapped) = network else {
        return network;
    };
    let prefix = mapped.prefix_len().checked_sub(96);
    let address = mapped.addr().to_ipv4_mapped();
    let ipv4 = address.zip(prefix);
    ipv4.and_then(|(address, prefix)| Ipv4Net::new(address, prefix).ok())
        .map_or(network, IpNet::from)
}

impl TrustedProxies {
    /// Whether none is trusted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A network of them that is wider than any private one, if there is one: clients in it could name
    /// any address as theirs.
    #[must_use]
    pub fn too_wide(&self) -> Option<IpNet> {
        let mut networks = IpNet::aggregate(&self.0).into_iter();
        networks.find(|network| match network {
            // 10.0.0.0/8 and fc00::/7.
            IpNet::V4(network) => network.prefix_len() < 8,
            IpNet::V6(network) => network.prefix_len() < 7,
        })
    }

    pub(super) fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client of a request: the last address that is not a trusted proxy's.
    ///
    /// Each proxy appends the address of its peer, so whatever precedes the last untrusted address may
    /// be forged.
    pub(super) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> ClientAddress {
        let Some(peer) = peer else {
            return ClientAddress::default();
        };
        if !self.trust(peer) {
            if OF_PROXIES.iter().any(|name| headers.contains_key(name)) {
                record_untrusted(peer);
            }
            return ClientAddress::new(peer);
        }
        let mut client = peer;
        for hop in hops(headers).into_iter().rev() {
            let Some(hop) = hop else { break };
            client = hop;
            if !self.trust(hop) {
                break;
            }
        }
        ClientAddress::new(client)
    }
}

/// Notices a proxy that the settings don't name: all of its clients would share one address. A client
/// may also forge the headers, so the log has one line of it.
fn record_untrusted(peer: IpAddr) {
    static IS_LOGGED: AtomicBool = AtomicBool::new(false);
    counter!(UNTRUSTED_FORWARDING).increment(1);
    if !IS_LOGGED.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            %peer,
            "a request with forwarding headers came from an address that \
             TENANTRY__SERVER__TRUSTED_PROXIES does not name; the headers do not count, and if it \
             is a proxy, all clients behind it share its rate limits"
        );
    }
}

/// The metric of such requests.
pub const UNTRUSTED_FORWARDING: &str = "http_server_untrusted_forwarding_total";

/// The addresses that the proxies appended, nearest last; `None` for what is not an address.
///
/// If both headers are present and differ, one of them is the client's: neither counts.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let listed = list(headers, &X_FORWARDED_FOR, x_forwarded_for);
    let standard = list(headers, &header::FORWARDED, forwarded);
    match (listed.is_empty(), standard.is_empty()) {
        (_, true) => listed,
        (true, false) => standard,
        (false, false) if listed == standard => listed,
        (false, false) => Vec::new(),
    }
}

/// Each line is read by itself, so that a malformed one of a client hides no later one.
fn list(
    headers: &HeaderMap,
    name: &HeaderName,
    read: impl Fn(&str) -> Vec<Option<IpAddr>>,
) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all(name);
    // A quoted string may hold bytes beyond ASCII, of no known encoding.
    let characters = lines.map(|line| line.as_bytes().iter().map(|&byte| char::from(byte)));
    characters
        .flat_map(|line| read(&line.collect::<String>()))
        .collect()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    /// The client of a request, with `10.0.0.0/8` and `fd00::/8` trusted.
    fn client(peer: &str, headers: &[(&'static str, &'static str)]) -> String {
        let proxies: TrustedProxies = "10.0.0.0/8, fd00::/8".parse().expect("networks");
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_static(name);
            map.append(name, HeaderValue::from_static(value));
        }
        let peer = peer.parse().expect("an address");
        proxies.client(Some(peer), &map).to_string()
    }

    #[test]
    fn the_header_of_an_untrusted_client_does_not_count() {
        for name in ["x-forwarded-for", "forwarded"] {
            assert_eq!(client("8.8.8.8", &[(name, "for=1.1.1.1")]), "8.8.8.8");
        }
        assert_eq!(
            client("8.8.8.8", &[("x-forwarded-for", "1.1.1.1")]),
            "8.8.8.8"
        );
    }

    #[test]
    fn a_quoted_string_may_hold_bytes_beyond_ascii() {
        let proxies: TrustedProxies = "10.0.0.0/8".parse().expect("networks");
        let mut map = HeaderMap::new();
        let value = HeaderValue::from_bytes(b"for=1.1.1.1;x=\"\xe9\"").expect("a value");
        map.append(header::FORWARDED, value);
        let peer = "10.0.0.1".parse().expect("an address");
        assert_eq!(proxies.client(Some(peer), &map).to_string(), "1.1.1.1");
    }

    #[test]
    fn the_last_untrusted_address_is_the_client() {
        for (chain, found) in [
            ("1.1.1.1", "1.1.1.1"),
            ("6.6.6.6, 1.1.1.1", "1.1.1.1"),
            ("6.6.6.6, 1.1.1.1, 10.2.2.2", "1.1.1.1"),
            ("10.3.3.3, 10.2.2.2", "10.3.3.3"),
            ("1.1.1.1:4711", "1.1.1.1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("2001:db8::1, fd00::7", "2001:db8::1"),
            ("::ffff:1.1.1.1", "1.1.1.1"),
            // The peer of the last proxy, which appended nothing valid, counts.
            ("1.1.1.1, nonsense", "10.0.0.1"),
            ("nonsense, 10.2.2.2", "10.2.2.2"),
        ] {
            assert_eq!(
                client("10.0.0.1", &[("x-forwarded-for", chain)]),
                found,
                "{chain}"
            );
        }
    }

    #[test]
    fn a_header_in_two_lines_is_one_list() {
        let lines = [
            ("x-forwarded-for", "6.6.6.6"),
            ("x-forwarded-for", "1.1.1.1"),
        ];
        assert_eq!(client("10.0.0.1", &lines), "1.1.1.1");
    }

    #[test]
    fn the_standard_header_gives_the_same_result() {
        for (chain, found) in [
            ("for=1.1.1.1", "1.1.1.1"),
            (
                "for=6.6.6.6, For=\"[2001:db8::1]:4711\";proto=https",
                "2001:db8::1",
            ),
            ("for=1.1.1.1, by=10.0.0.2;for=10.2.2.2", "1.1.1.1"),
            ("for=_hidden", "10.0.0.1"),
            ("proto=https", "10.0.0.1"),
        ] {
            assert_eq!(
                client("10.0.0.1", &[("forwarded", chain)]),
                found,
                "{chain}"
            );
        }
    }

    #[test]
    fn two_headers_that_differ_count_as_none() {
        let differing = [("x-forwarded-for", "6.6.6.6"), ("forwarded", "for=1.1.1.1")];
        assert_eq!(client("10.0.0.1", &differing), "10.0.0.1");
        let agreeing = [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1")];
        assert_eq!(client("10.0.0.1", &agreeing), "1.1.1.1");
    }

    #[test]
    fn a_subscriber_has_one_network() {
        let network = |text: &str| {
            let address = text.parse().expect("an address");
            ClientAddress::new(address).network().to_string()
        };
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn only_networks_are_proxies() {
        for text in ["10.0.0.0/33", "localhost", "10.0.0.1,,", ""] {
            text.parse::<TrustedProxies>().expect_err(text);
        }
        "10.0.0.1,fd00::/8".parse::<TrustedProxies>().expect("both");
    }
}
