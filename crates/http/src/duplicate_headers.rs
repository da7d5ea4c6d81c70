//! Headers that are there twice.

use actix_web::http::{
    StatusCode,
    header::{self, HeaderMap, HeaderName},
};

use super::Problem;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Headers of which a request has one. Of two, we would read one and a proxy before us or a
/// program behind us perhaps the other (request smuggling lives of it). `Authorization`,
/// `If-Match`, `X-Organization-Slug` and the session cookie are looked at where they are read.
const ONCE: [HeaderName; 6] = [
    header::HOST,
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::ORIGIN,
    header::ACCESS_CONTROL_REQUEST_METHOD,
    SEC_FETCH_SITE,
];

/// Refuses a request that has one of them twice.
pub(super) fn refuse(headers: &HeaderMap) -> Result<(), Problem> {
    let repeated = |name: &HeaderName| headers.get_all(name).nth(1).is_some();
    let Some(name) = ONCE.into_iter().find(repeated) else {
        return Ok(());
    };
    Err(Problem::new(
        StatusCode::BAD_REQUEST,
        "repeated_header",
        format!("the header {name} can be sent once only"),
    ))
}
