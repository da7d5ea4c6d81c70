//! Writes by cookie come from our own pages, or from no browser at all.

use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
    web,
};

use super::Problem;

/// The origin that people's browsers know us by, such as `https://app.example.com`. Without it
/// in the application's data, a request's own `Host` counts.
#[derive(Clone, Debug)]
pub struct PublicOrigin(pub String);

/// Refuses what a browser sends on behalf of another site: the cookie comes with it, and the
/// person may know nothing of it. Browsers say so in `Sec-Fetch-Site`, older ones in `Origin`.
///
/// To be asked for cookie callers only; nobody's browser adds a token by itself.
pub(super) fn check(request: &HttpRequest) -> Result<(), Problem> {
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
        "a write with the session cookie must come from this site itself",
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
