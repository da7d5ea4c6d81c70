//! Where links begin.

use std::sync::{Arc, OnceLock};

use super::InvitationSecret;

/// The page where an invitation is accepted. The secret is behind the `#`, which browsers send to
/// no server, so it is in no server's log.
const ACCEPT: &str = "/invitations/accept#token=";

/// The address that people see, such as `https://tenantry.example`. All clones are one: a server
/// that picks its port itself knows it only once it listens.
#[derive(Clone, Debug, Default)]
pub struct InvitationBaseUrl(Arc<OnceLock<String>>);

impl InvitationBaseUrl {
    /// Sets the address, without a slash at its end. The first one stays.
    pub fn set_once(&self, url: &str) {
        self.0.get_or_init(|| url.to_owned());
    }

    /// The link that accepts an invitation; without its beginning as long as that is not known.
    pub(super) fn accept_url(&self, secret: &InvitationSecret) -> String {
        let base = self.0.get().map_or("", String::as_str);
        format!("{base}{ACCEPT}{}", secret.expose())
    }
}
