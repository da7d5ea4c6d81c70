//! The credential of a request.

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
};

use super::{Problem, SessionCookies};
use tenantry_core::access::{AccessError, Credential};

/// Which credential a request has, before it is read.
#[derive(Clone, Debug)]
pub(super) enum CredentialSource {
    Nothing,
    Cookies(SessionCookies),
    Authorization,
}

impl CredentialSource {
    /// Finds the credential of a request.
    ///
    /// # Errors
    /// When there is more than one sort, or several tokens: two readers could choose different ones.
    pub(super) fn find(request: &HttpRequest) -> Result<Self, Problem> {
        let cookies = SessionCookies::of(request);
        let authorizations = request.headers().get_all(header::AUTHORIZATION).count();
        match (cookies.is_present, authorizations) {
            (false, 0) => Ok(Self::Nothing),
            (false, 1) => Ok(Self::Authorization),
            (true, 0) => Ok(Self::Cookies(cookies)),
            (true, 1) => Err(AccessError::ConflictingCredentials.into()),
            _ => Err(Problem::new(
                StatusCode::BAD_REQUEST,
                "repeated_header",
                "the Authorization header can be sent once only",
            )),
        }
    }

    /// Whether it is a cookie, which browsers send automatically.
    pub(super) const fn is_cookie(&self) -> bool {
        matches!(self, Self::Cookies(_))
    }

    /// Reads the credentials, at least one. Of several sessions the first one that is alive counts.
    pub(super) fn read(&self, request: &HttpRequest) -> Result<Vec<Credential>, AccessError> {
        match self {
            Self::Nothing => Err(AccessError::NotAuthenticated),
            Self::Authorization => Ok(vec![Credential::Bearer(bearer(request))]),
            Self::Cookies(cookies) if cookies.keys().is_empty() => {
                Err(AccessError::InvalidCredential)
            }
            Self::Cookies(cookies) => {
                let keys = cookies.keys().iter().cloned();
                Ok(keys.map(Credential::Session).collect())
            }
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
