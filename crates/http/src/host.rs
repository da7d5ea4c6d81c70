//! The `Host` header.

use actix_web::http::{
    StatusCode,
    header::{self, HeaderMap},
};
use fluent_uri::UriRef;

use super::Problem;

/// Rejects a request whose `Host` is no host with an optional port (RFC 9112, section 3.2). A server
/// and a proxy that read different hosts out of one value could be played against each other.
///
/// # Errors
/// A 400 `malformed_host`.
pub fn check_host(headers: &HeaderMap) -> Result<(), Problem> {
    let valid = |host: &str| is_valid(host).unwrap_or(false);
    match headers.get(header::HOST) {
        // Only HTTP/1.0 goes without; the server library rejects any other.
        None => Ok(()),
        Some(host) if host.to_str().is_ok_and(valid) => Ok(()),
        Some(_) => Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "malformed_host",
            "the Host header must be a host with an optional port",
        )),
    }
}

/// Whether it is the authority of a URI, of which only the host and the port may be there.
fn is_valid(host: &str) -> Option<bool> {
    let uri = format!("//{host}");
    let uri = UriRef::parse(uri.as_str()).ok()?;
    let authority = uri.authority()?;
    Some(
        authority.as_str() == host
            && !authority.has_userinfo()
            && !authority.host().is_empty()
            && authority.port_to_u16().is_ok(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_the_whole_authority() {
        for good in [
            "a",
            "a:80",
            "a:",
            "[::1]:80",
            "127.0.0.1",
            "my_service",
            "a%41",
        ] {
            assert_eq!(is_valid(good), Some(true), "{good}");
        }
        for bad in [
            "", ":80", "a/", "a?", "a#", "u@a", "a b", "a:65536", "[::1", "é",
        ] {
            assert_ne!(is_valid(bad), Some(true), "{bad}");
        }
    }
}
