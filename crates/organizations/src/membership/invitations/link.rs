//! The base URL of links.

use std::sync::{Arc, OnceLock};

use super::secret::InvitationSecret;

/// The page that accepts an invitation. The secret is in the fragment, which browsers do not send to
/// servers, so no server logs it.
const ACCEPT: &str = "/invitations/accept#token=";

/// The server's public address, such as `https://tenantry.example`. Clones share it: a server that
/// picks a free port sets it once it listens.
#[derive(Clone, Debug, Default)]
pub struct BaseUrl(Arc<OnceLock<String>>);

impl BaseUrl {
    /// Sets the address, without a trailing slash. Later calls have no effect.
    pub fn set_once(&self, url: &str) {
        self.0.get_or_init(|| url.to_owned());
    }

    /// The address of a page; relative until the base URL is set.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        let base = self.0.get().map_or("", String::as_str);
        format!("{base}{path}")
    }

    /// The link that accepts an invitation.
    pub(super) fn accept_url(&self, secret: &InvitationSecret) -> String {
        self.at(&format!("{ACCEPT}{}", secret.expose()))
    }
}
