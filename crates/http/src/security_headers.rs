//! The security headers of every response.

use actix_web::http::header::{self, HeaderName, HeaderValue};

/// For a year, browsers use HTTPS only.
pub(super) const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Default security headers: CSP with frame denial, nosniff, no referrer, same-origin resources. A
/// response can set its own.
pub(super) const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        header::CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
];
