//! The credential of a request.

use actix_web::{
    HttpRequest,
    cookie::Cookie,
    http::{StatusCode, header},
};

use super::Problem;
use tenantry_core::access::{AccessError, Credential};

/// Reads the session cookie. The server provides it as `web::Data<dyn SessionCookieReader>`.
pub trait SessionCookieReader: Send + Sync {
    /// The name of the session cookie.
    fn cookie_name(&self) -> &str;

    /// The key in the session cookie; `None` if its signature is invalid.
    fn session_key(&self, request: &HttpRequest) -> Option<String>;
}

/// Which credential a request has, before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CredentialSource {
    Nothing,
    /// A session cookie, and whether its name is unencoded.
    Cookie {
        plain: bool,
    },
    Authorization,
}

impl CredentialSource {
    /// Finds the one credential of a request.
    ///
    /// # Errors
    /// When there is more than one: two readers could choose different ones.
    pub(super) fn find(
        request: &HttpRequest,
        reader: &dyn SessionCookieReader,
    ) -> Result<Self, Problem> {
        if request.cookies().is_err() {
            return Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed_cookie",
                "the Cookie header can't be read",
            ));
        }
        let (cookies, plain) = count(request, reader.cookie_name());
        let authorizations = request.headers().get_all(header::AUTHORIZATION).count();
        match (cookies, authorizations) {
            (0, 0) => Ok(Self::Nothing),
            (0, 1) => Ok(Self::Authorization),
            (1, 0) => Ok(Self::Cookie { plain: plain == 1 }),
            (1, 1) => Err(AccessError::ConflictingCredentials.into()),
            _ => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "repeated_header",
                "the session cookie and the Authorization header can be sent once only",
            )),
        }
    }

    /// Whether it is a cookie, which browsers send automatically.
    pub(super) const fn is_cookie(self) -> bool {
        matches!(self, Self::Cookie { .. })
    }

    /// Reads the credential.
    pub(super) fn read(
        self,
        request: &HttpRequest,
        reader: &dyn SessionCookieReader,
    ) -> Result<Credential, AccessError> {
        match self {
            Self::Nothing => Err(AccessError::NotAuthenticated),
            Self::Authorization => Ok(Credential::Bearer(bearer(request))),
            // `%5F_Host-...` decodes to the same name, but browsers don't protect it like `__Host-...`.
            Self::Cookie { plain: false } => Err(AccessError::InvalidCredential),
            Self::Cookie { plain: true } => reader
                .session_key(request)
                .map(Credential::Session)
                .ok_or(AccessError::InvalidCredential),
        }
    }
}

/// The token of the header; its scheme may be written in any case (RFC 9110, section 11.1).
fn bearer(request: &HttpRequest) -> Option<String> {
    let header = request.headers().get(header::AUTHORIZATION)?;
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

/// How many cookies have this name after decoding, and how many without.
fn count(request: &HttpRequest, name: &str) -> (usize, usize) {
    let is_named = |cookie: &&Cookie<'_>| cookie.name() == name;
    // Not at the same time: each stores its result in the request's extensions.
    let decoded = request
        .cookies()
        .map_or(0, |cookies| cookies.iter().filter(is_named).count());
    let plain = request
        .cookies_raw()
        .map_or(0, |cookies| cookies.iter().filter(is_named).count());
    (decoded, plain)
}
