//! The server as browsers and authenticators know it.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// What passkeys belong to: the host of the server's pages. Clones share it: a server that picks a free
/// port sets its address once it listens.
#[derive(Clone)]
#[cfg_attr(
    not(feature = "passkeys"),
    expect(dead_code, reason = "without passkeys there are no ceremonies")
)]
pub struct RelyingParty {
    /// Signs challenges.
    key: Hmac<Sha256>,
    address: Arc<OnceLock<String>>,
}

impl RelyingParty {
    /// With a key that is derived from the deployment's secret; every process derives the same one.
    ///
    /// # Panics
    /// Never: HMAC takes a secret of any length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        let of = |key: &[u8]| Hmac::new_from_slice(key).expect("HMAC takes a key of any length");
        let derivation: Hmac<Sha256> = of(secret);
        let key = derivation
            .chain_update(b"tenantry passkey challenge key")
            .finalize()
            .into_bytes();
        Self {
            key: of(&key),
            address: Arc::default(),
        }
    }

    /// Sets the address of the server's pages, such as `https://tenantry.example`. Later calls have no
    /// effect.
    pub fn set_once(&self, address: &str) {
        self.address.get_or_init(|| address.to_owned());
    }
}

impl fmt::Debug for RelyingParty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelyingParty")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "passkeys")]
mod site {
    use url::{Host, Url};

    use super::*;
    use crate::UsersError;

    /// The origin of the server's pages, and the id of the relying party.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub(crate) struct Site {
        pub(crate) origin: String,
        pub(crate) rp_id: String,
    }

    impl Site {
        /// `None` for an address whose host is a number: passkeys belong to names. The machine itself has
        /// one.
        fn of(address: &str) -> Option<Self> {
            let mut url = Url::parse(address).ok()?;
            let is_this_machine = match url.host()? {
                Host::Domain(_) => false,
                Host::Ipv4(ip) => ip.is_loopback(),
                Host::Ipv6(ip) => ip.is_loopback(),
            };
            if is_this_machine {
                url.set_host(Some("localhost")).ok()?;
            }
            match url.host()? {
                Host::Domain(name) => Some(Self {
                    rp_id: name.to_owned(),
                    origin: url.origin().ascii_serialization(),
                }),
                _ => None,
            }
        }
    }

    impl RelyingParty {
        /// # Errors
        /// [`UsersError::PasskeysUnavailable`] while the server has no address with a name.
        pub(crate) fn site(&self) -> Result<Site, UsersError> {
            let site = self.address.get().and_then(|address| Site::of(address));
            site.ok_or(UsersError::PasskeysUnavailable)
        }

        pub(crate) fn challenge_key(&self) -> Hmac<Sha256> {
            self.key.clone()
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_site_has_the_name_of_its_host_and_the_whole_origin() {
            for (address, expected) in [
                (
                    "https://tenantry.example",
                    Some(("https://tenantry.example", "tenantry.example")),
                ),
                (
                    "https://app.tenantry.example:8443",
                    Some(("https://app.tenantry.example:8443", "app.tenantry.example")),
                ),
                (
                    "http://localhost:8080",
                    Some(("http://localhost:8080", "localhost")),
                ),
                (
                    "http://127.0.0.1:8080",
                    Some(("http://localhost:8080", "localhost")),
                ),
                (
                    "http://[::1]:8080",
                    Some(("http://localhost:8080", "localhost")),
                ),
                ("http://192.0.2.7:8080", None),
                ("https://[2001:db8::1]", None),
            ] {
                let site = Site::of(address);
                let parts = site
                    .as_ref()
                    .map(|site| (site.origin.as_str(), site.rp_id.as_str()));
                assert_eq!(parts, expected, "{address}");
            }
        }
    }
}

#[cfg(feature = "passkeys")]
pub(super) use site::Site;
