//! The size of a request's head.

use actix_web::{
    dev::ServiceRequest,
    http::{
        StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
};

use super::Problem;

/// The largest path, query and headers of a request, in bytes.
const MAX_HEAD_BYTES: usize = 32 * 1024;

/// What stands between the name and the value of a header, and behind it.
const SEPARATORS: usize = ": \r\n".len();

/// Rejects a request whose head is so large that reading it costs more than serving it.
///
/// # Errors
/// A 431 `headers_too_large`.
pub(super) fn check(request: &ServiceRequest) -> Result<(), Problem> {
    let target = request.uri().path_and_query();
    let target = target.map_or(0, |target| target.as_str().len());
    if target + size(request.headers()) <= MAX_HEAD_BYTES {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        "headers_too_large",
        "the path and the headers must have at most 32 KiB together",
    ))
}

fn size(headers: &HeaderMap) -> usize {
    let line =
        |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + SEPARATORS;
    headers.iter().map(line).sum()
}
