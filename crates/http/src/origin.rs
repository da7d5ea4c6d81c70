//! CSRF protection: a write with a cookie, and one that sets a cookie, must come from the server's
//! own pages or from no browser.

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
    web,
};

use super::Problem;

/// The public origin of the server, such as `https://app.example.com`. Without it in the
/// application's data, the `Host` of the request counts.
#[derive(Clone, Debug)]
pub struct PublicOrigin(pub String);

/// Rejects a write that a page of another site made the browser send. It would act with the user's
/// cookie, or set one: the page could sign the person in to an account of its own. Browsers report the
/// site in `Sec-Fetch-Site`, older ones in `Origin`.
///
/// Not for callers with a token, which browsers don't add.
///
/// # Errors
/// A 403 `origin_refused`.
pub fn require_same_origin(request: &HttpRequest) -> Result<(), Problem> {
    if request.method().is_safe() {
        return Ok(());
    }
    let mut headers = request.headers().get_all("sec-fetch-site").peekable();
    let same = if headers.peek().is_some() {
        headers.all(|value| value == "same-origin" || value == "none")
    } else {
        let mut origins = request.headers().get_all(header::ORIGIN);
        origins.all(|origin| origin.to_str().is_ok_and(|origin| is_ours(request, origin)))
    };
    if same {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "origin_refused",
        "a form, and a write that takes or sets the session cookie, must come from this site itself",
    ))
}

fn is_ours(request: &HttpRequest, origin: &str) -> bool {
    if let Some(own) = request.app_data::<web::Data<PublicOrigin>>() {
        return own.0 == origin;
    }
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    origin
        .split_once("://")
        .is_some_and(|(_, named)| named == host)
}
