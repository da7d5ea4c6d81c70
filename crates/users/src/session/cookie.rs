//! The session cookie.

use std::future::{Ready, ready};

use actix_session::{
    Session, SessionExt as _, SessionMiddleware,
    config::{CookieContentSecurity, PersistentSession},
};
use actix_web::{
    FromRequest, HttpRequest,
    cookie::{Cookie, CookieJar, SameSite, time::Duration},
    dev::Payload,
};
use tenantry_core::db::Database;
use tenantry_http::{
    Problem, SessionCookieReader,
    openapi::{DescribeInput, Operation},
    require_same_origin,
};

use super::{CookieSettings, SessionStoreAdapter, device::Device, store_adapter::KEY};
use crate::NewSession;

/// The middleware that reads and writes the session cookie. Wrap it in
/// [`end_replaced_sessions`](super::end_replaced_sessions).
#[must_use]
pub fn session_middleware(
    database: Database,
    settings: &CookieSettings,
) -> SessionMiddleware<SessionStoreAdapter> {
    let max_age = Duration::seconds(settings.lifetime.absolute.num_seconds());
    SessionMiddleware::builder(SessionStoreAdapter::new(database), settings.signing.clone())
        .cookie_name(settings.name().to_owned())
        // Encryption would hide nothing: the key is a random value.
        .cookie_content_security(CookieContentSecurity::Signed)
        .cookie_secure(settings.secure)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .session_lifecycle(PersistentSession::default().session_ttl(max_age))
        .build()
}

/// Reads session cookies as the middleware writes them.
#[derive(Clone, Debug)]
pub struct SessionCredentials {
    settings: CookieSettings,
}

impl SessionCredentials {
    /// For cookies of these settings.
    #[must_use]
    pub fn new(settings: &CookieSettings) -> Self {
        let settings = settings.clone();
        Self { settings }
    }
}

impl SessionCookieReader for SessionCredentials {
    fn cookie_name(&self) -> &str {
        self.settings.name()
    }

    fn device_cookie_name(&self) -> &str {
        self.settings.device_name()
    }

    fn pending_login_cookie_name(&self) -> &str {
        self.settings.pending_name()
    }

    fn session_key(&self, value: &str) -> Option<String> {
        let name = self.settings.name();
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::parse_encoded(format!("{name}={value}")).ok()?);
        let signed = jar.signed(&self.settings.signing);
        Some(signed.get(name)?.value().to_owned())
    }
}

/// The session cookie of a request, for handlers that create or end a session.
pub struct SessionCookie {
    session: Session,
    request: HttpRequest,
}

impl SessionCookie {
    /// Sends the key of a new session as the cookie, and marks the device as one of its account. The
    /// session of the previous cookie is ended, so that a planted one is useless (session fixation).
    ///
    /// # Panics
    /// Never: a key is text.
    pub fn set(&self, new: &NewSession) {
        self.session.renew();
        self.session
            .insert(KEY, new.key.expose())
            .expect("text can be written as JSON");
        if let Some(device) = Device::of(&self.request) {
            device.remember(&self.request, &new.user.email);
        }
    }

    /// Removes the cookie and ends its session.
    pub fn clear(&self) {
        self.session.purge();
    }
}

impl FromRequest for SessionCookie {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    /// Fails for a page of another site: no cookie may be set or removed for it.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let session = require_same_origin(request).map(|()| Self {
            session: request.get_session(),
            request: request.clone(),
        });
        ready(session)
    }
}

impl DescribeInput for SessionCookie {
    fn describe(operation: &mut Operation<'_>) {
        operation.response_header("Set-Cookie", false, "The session cookie, or its removal");
    }
}
