//! Duplicate headers.

use actix_web::http::{
    StatusCode,
    header::{self, HeaderMap, HeaderName},
};

use super::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Headers that a request may have once. With two, this server and a proxy could each read a
/// different one, which request smuggling exploits. `Authorization`, `If-Match` and
/// `X-Organization-Slug` are checked where they are read.
const SINGLETON_HEADERS: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::ORIGIN,
    header::ACCESS_CONTROL_REQUEST_METHOD,
    SEC_FETCH_SITE,
];

/// Rejects a request that has one of them twice.
pub(super) fn reject(headers: &HeaderMap) -> Result<(), Problem> {
    let repeated = |name: &HeaderName| headers.get_all(name).nth(1).is_some();
    let Some(name) = SINGLETON_HEADERS.into_iter().find(repeated) else {
        return Ok(());
    };
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "repeated_header",
        format!("the header {name} can be sent once only"),
    ))
}
