//! How many connections one address may have open: one client must not take those of all others.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::{Arc, Mutex},
};

use metrics::counter;

use super::{ClientAddress, TrustedProxies};

/// The metric of connections beyond the share of their address.
pub const REFUSED_CONNECTIONS: &str = "http_server_refused_connections_total";

/// The shares of all addresses, of a process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConnectionShares(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    max: usize,
    proxies: TrustedProxies,
    /// The addresses, or networks of IPv6, that have connections.
    open: Mutex<HashMap<IpAddr, usize>>,
}

impl ConnectionShares {
    /// At most this many of each address, or of each /64 of IPv6. Trusted proxies, whose connections
    /// are those of many clients, have no limit.
    #[must_use]
    pub fn new(max: usize, proxies: TrustedProxies) -> Self {
        Self(Arc::new(Shared {
            max,
            proxies,
            open: Mutex::default(),
        }))
    }

    /// Counts a connection until the result is dropped; `None` if its address has its share.
    pub(super) fn admit(&self, peer: IpAddr) -> Option<OpenConnection> {
        if self.0.proxies.trust(peer) {
            return Some(OpenConnection(None));
        }
        let network = ClientAddress::new(peer).network();
        let mut open = self.0.open.lock().expect("nothing panics under it");
        let count = open.entry(network).or_default();
        if *count >= self.0.max {
            counter!(REFUSED_CONNECTIONS).increment(1);
            return None;
        }
        *count += 1;
        Some(OpenConnection(Some((Arc::clone(&self.0), network))))
    }
}

/// A connection that counts.
pub(super) struct OpenConnection(Option<(Arc<Shared>, IpAddr)>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let Some((shared, network)) = self.0.take() else {
            return;
        };
        let mut open = shared.open.lock().expect("nothing panics under it");
        if let Entry::Occupied(mut count) = open.entry(network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares() -> ConnectionShares {
        let proxies = "10.0.0.0/8".parse().expect("a network");
        ConnectionShares::new(2, proxies)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_its_share_until_a_connection_ends() {
        let shares = shares();
        let held = [(); 2].map(|()| shares.admit(address("192.0.2.1")).expect("its share"));
        assert!(shares.admit(address("192.0.2.1")).is_none());
        assert!(
            shares.admit(address("::ffff:192.0.2.1")).is_none(),
            "the same address"
        );
        assert!(shares.admit(address("192.0.2.2")).is_some(), "another one");
        drop(held);
        assert!(shares.admit(address("192.0.2.1")).is_some());
        assert!(shares.0.open.lock().expect("not poisoned").is_empty());
    }

    #[test]
    fn a_network_of_ipv6_is_one_client_and_a_trusted_proxy_many() {
        let shares = shares();
        let _held = ["2001:db8::1", "2001:db8::2"].map(|one| shares.admit(address(one)));
        assert!(shares.admit(address("2001:db8::3")).is_none());
        assert!(shares.admit(address("2001:db8:0:1::3")).is_some());
        let of_proxy = [(); 9].map(|()| shares.admit(address("10.0.0.1")));
        assert!(of_proxy.iter().all(Option::is_some));
    }
}
