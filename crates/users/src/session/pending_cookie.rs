//! The cookie of a login that waits for the second factor.
//!
//! It is not the session cookie: to every other route its client is anonymous.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    web,
};
use tenantry_http::{
    Problem, SessionCookies,
    openapi::{DescribeInput, Operation},
    require_same_origin,
};

use super::{CookieSettings, added_cookies};
use crate::{PENDING_LOGIN, PendingLogin, PendingLoginKey, UsersError};

/// The cookie of a login that waits for the second factor, for the handlers that begin and complete it.
pub struct PendingLoginCookie {
    settings: CookieSettings,
    request: HttpRequest,
}

impl PendingLoginCookie {
    /// The key that the client sent.
    ///
    /// # Errors
    /// [`UsersError::LoginExpired`] without one that this server made.
    pub fn key(&self) -> Result<PendingLoginKey, UsersError> {
        let cookies = SessionCookies::of(&self.request);
        let key = cookies.pending_login().and_then(PendingLoginKey::parse);
        key.ok_or(UsersError::LoginExpired)
    }

    /// Sends the key of a login; browsers forget it when the login expires.
    pub fn set(&self, pending: &PendingLogin) {
        self.keep(&pending.key);
    }

    /// Sends the key of a login again, for as long as from the beginning.
    pub(crate) fn keep(&self, key: &PendingLoginKey) {
        let lifetime = Duration::seconds(PENDING_LOGIN.num_seconds());
        self.send(key.expose().to_owned(), lifetime);
    }

    /// Removes the cookie.
    pub fn clear(&self) {
        self.send(String::new(), Duration::ZERO);
    }

    fn send(&self, value: String, max_age: Duration) {
        let cookie = Cookie::build(self.settings.pending_name(), value)
            .path("/")
            .http_only(true)
            .secure(self.settings.secure)
            .same_site(SameSite::Lax)
            .max_age(max_age)
            .finish();
        added_cookies::add(&self.request, cookie);
    }
}

impl FromRequest for PendingLoginCookie {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    /// Fails for a page of another site: no cookie may be set or removed for it.
    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let settings = request.app_data::<web::Data<CookieSettings>>();
        let settings = settings.map(|settings| settings.get_ref().clone());
        let settings = settings.ok_or_else(|| Problem::internal("there are no cookie settings"));
        let cookie = require_same_origin(request).and_then(|()| {
            Ok(Self {
                settings: settings?,
                request: request.clone(),
            })
        });
        ready(cookie)
    }
}

impl DescribeInput for PendingLoginCookie {
    fn describe(operation: &mut Operation<'_>) {
        let what = "The session cookie or that of a login that is under way, or its removal";
        operation.response_header("Set-Cookie", false, what);
    }
}
