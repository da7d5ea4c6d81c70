//! Devices on which an account was used before.
//!
//! A cookie marks a device: random values, each signed together with the address of an account, which
//! the cookie does not name. It is no credential. Attempts to log in from a marked device have a limit of
//! their own, so that strangers who guess a password do not keep its owner out.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    web,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use tenantry_core::runtime::Runtime;
use tenantry_http::{
    Problem, RateLimit, RateLimiter, SessionCookies,
    openapi::{DescribeInput, Operation},
};

use super::{CookieSettings, added_cookies};
use crate::Email;

/// Attempts to log in, for a client address, and for a device on which the account was used before.
pub const LOGINS: RateLimit = RateLimit("attempts to log in");

/// Attempts to log in to one account, existing or not, from devices on which it was not used.
pub const ACCOUNT_LOGINS: RateLimit = RateLimit("attempts to log in to this account");

/// The bytes of a mark: its random value, and the signature of it.
const VALUE: usize = 16;
const SIGNATURE: usize = 32;

/// The accounts of one device that are kept.
const MAX_MARKS: usize = 5;

/// Browsers keep no cookie for longer (RFC 6265bis, section 5.5).
const KEPT: Duration = Duration::days(400);

/// Counts an attempt to log in.
pub struct LoginAttempt {
    throttle: RateLimiter,
    device: Option<Device>,
}

impl LoginAttempt {
    /// Counts it for the client's address, and for the device if the account was used on it, else for
    /// the account.
    ///
    /// # Errors
    /// A 429, when there were too many.
    pub fn count(&self, email: &Email) -> Result<(), Problem> {
        self.throttle.check_address(LOGINS)?;
        let device = self.device.as_ref();
        match device.and_then(|device| device.mark_of(email)) {
            Some(mark) => self.throttle.check_key(LOGINS, ("device", mark)),
            None => self
                .throttle
                .check_key(ACCOUNT_LOGINS, ("account", email.as_str())),
        }
    }
}

impl FromRequest for LoginAttempt {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let Ok(throttle) = RateLimiter::from_request(request, payload).into_inner();
        ready(Ok(Self {
            throttle,
            device: Device::of(request),
        }))
    }
}

impl DescribeInput for LoginAttempt {
    fn describe(operation: &mut Operation<'_>) {
        RateLimiter::describe(operation);
    }
}

/// The marks of a request's device.
pub(super) struct Device {
    settings: CookieSettings,
    runtime: Runtime,
    marks: Vec<String>,
}

impl Device {
    /// `None` where the application has no cookies.
    pub(super) fn of(request: &HttpRequest) -> Option<Self> {
        let settings = request.app_data::<web::Data<CookieSettings>>()?;
        let runtime = request.app_data::<web::Data<Runtime>>()?;
        let cookies = SessionCookies::of(request);
        let marks = cookies.device().unwrap_or_default().split('.');
        let marks = marks.filter(|mark| !mark.is_empty()).take(MAX_MARKS);
        Some(Self {
            settings: settings.get_ref().clone(),
            runtime: runtime.get_ref().clone(),
            marks: marks.map(str::to_owned).collect(),
        })
    }

    /// The valid mark of the account.
    fn mark_of(&self, email: &Email) -> Option<&String> {
        self.marks.iter().find(|mark| {
            let decoded = URL_SAFE_NO_PAD.decode(mark).ok();
            let decoded = decoded.and_then(|bytes| <[u8; VALUE + SIGNATURE]>::try_from(bytes).ok());
            decoded.is_some_and(|bytes| {
                let (value, signature) = bytes.split_at(VALUE);
                self.signed(value, email).verify_slice(signature).is_ok()
            })
        })
    }

    fn new_mark(&self, email: &Email) -> String {
        let value = self.runtime.random_bytes::<VALUE>();
        let signature = self.signed(&value, email).finalize().into_bytes();
        URL_SAFE_NO_PAD.encode([&value[..], &signature].concat())
    }

    fn signed(&self, value: &[u8], email: &Email) -> Hmac<Sha256> {
        let key = self.settings.signing.signing();
        let mac = Hmac::new_from_slice(key).expect("HMAC takes a key of any length");
        // The value has a fixed length, so no two messages are the same bytes.
        mac.chain_update(b"tenantry device")
            .chain_update(value)
            .chain_update(email.as_str())
    }

    /// Marks the device for the account; the cookie is sent with the response.
    pub(super) fn remember(&self, request: &HttpRequest, email: &Email) {
        let mark = self.mark_of(email).cloned();
        let mark = mark.unwrap_or_else(|| self.new_mark(email));
        let others = self.marks.iter().filter(|other| **other != mark);
        let marks: Vec<_> = std::iter::once(&mark)
            .chain(others)
            .take(MAX_MARKS)
            .map(String::as_str)
            .collect();
        let cookie = Cookie::build(self.settings.device_name(), marks.join("."))
            .path("/")
            .http_only(true)
            .secure(self.settings.secure)
            .same_site(SameSite::Lax)
            .max_age(KEPT)
            .finish();
        added_cookies::add(request, cookie);
    }
}
