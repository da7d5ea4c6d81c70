//! The session cookies of a request. All other cookies are ignored, whatever they hold.

use std::sync::Arc;

use actix_web::{
    HttpMessage as _, HttpRequest,
    dev::ServiceRequest,
    http::header::{self, HeaderMap, HeaderValue},
    web,
};

/// The most sessions of one request that are looked up: each lookup is a query.
const MAX_SESSIONS: usize = 32;

/// The longest value of another cookie.
const MAX_OTHER_BYTES: usize = 1024;

/// Reads the session cookie. The server provides it as `web::Data<dyn SessionCookieReader>`.
pub trait SessionCookieReader: Send + Sync {
    /// The name of the session cookie.
    fn cookie_name(&self) -> &str;

    /// The name of the cookie that marks the device.
    fn device_cookie_name(&self) -> &str;

    /// The name of the cookie of a login that waits for the second factor.
    fn pending_login_cookie_name(&self) -> &str;

    /// The key in a session cookie with this value; `None` if its signature is invalid.
    fn session_key(&self, value: &str) -> Option<String>;
}

/// The session cookies of a request. The edge stores them in the request's extensions.
///
/// There may be several: a browser sends one for each path and domain that they were set for.
#[derive(Clone, Debug, Default)]
pub struct SessionCookies {
    /// Whether there is one, valid or not.
    pub(super) is_present: bool,
    /// The keys of those with a valid signature, in the order sent.
    keys: Arc<[String]>,
    /// The value of the cookie that marks the device.
    device: Option<Arc<str>>,
    /// The value of the cookie of a pending login.
    pending_login: Option<Arc<str>>,
}

impl SessionCookies {
    /// Those of a request that the edge received.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    /// The keys of the sessions that they name, dead or alive, without duplicates.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.keys
    }

    /// The value of the cookie that marks the device, as it was sent; at most 1,024 bytes.
    #[must_use]
    pub fn device(&self) -> Option<&str> {
        self.device.as_deref()
    }

    /// The value of the cookie of a login that waits for the second factor, as it was sent; at most 1,024
    /// bytes.
    #[must_use]
    pub fn pending_login(&self) -> Option<&str> {
        self.pending_login.as_deref()
    }

    /// Finds the session cookies, and leaves only the first one with a valid signature in the
    /// request: the session middleware reads one cookie, and none next to unreadable ones.
    pub(super) fn extract(request: &mut ServiceRequest) {
        if !request.headers().contains_key(header::COOKIE) {
            return;
        }
        let Some(reader) = request.app_data::<web::Data<dyn SessionCookieReader>>() else {
            return;
        };
        let mut found = Self::default();
        let mut keys = Vec::new();
        let mut first = None;
        for value in values(request.headers(), reader.cookie_name()) {
            found.is_present = true;
            let text = str::from_utf8(value).ok();
            let Some(key) = text.and_then(|text| reader.session_key(text)) else {
                continue;
            };
            if keys.len() < MAX_SESSIONS && !keys.contains(&key) {
                keys.push(key);
            }
            first = first.or_else(|| {
                let pair = [reader.cookie_name().as_bytes(), b"=", value].concat();
                HeaderValue::from_bytes(&pair).ok()
            });
        }
        found.keys = keys.into();
        found.device = first_short(request.headers(), reader.device_cookie_name());
        found.pending_login = first_short(request.headers(), reader.pending_login_cookie_name());
        match first {
            Some(first) => {
                request.headers_mut().insert(header::COOKIE, first);
            }
            None => {
                request.headers_mut().remove(header::COOKIE);
            }
        }
        request.extensions_mut().insert(found);
    }
}

/// The first value of the cookies with this name that is not too long.
fn first_short(headers: &HeaderMap, name: &str) -> Option<Arc<str>> {
    values(headers, name)
        .find(|value| value.len() <= MAX_OTHER_BYTES)
        .and_then(|value| str::from_utf8(value).ok().map(Arc::from))
}

/// The values of the cookies with exactly this name. It is never decoded: browsers don't protect
/// `%5F_Host-...` as they do `__Host-...`. Nor is any space but ASCII's trimmed off it.
fn values<'h>(headers: &'h HeaderMap, name: &str) -> impl Iterator<Item = &'h [u8]> {
    let lines = headers.get_all(header::COOKIE);
    let pairs = lines.flat_map(|line| line.as_bytes().split(|&byte| byte == b';'));
    pairs.filter_map(move |pair| {
        let value = pair.trim_ascii().strip_prefix(name.as_bytes())?;
        value.strip_prefix(b"=")
    })
}
