//! The HTTP layer that every module's `http.rs` and the server share. Nothing below it (`service`,
//! `store`, `entity`, `model`) knows HTTP.
//!
//! - [`Problem`]: every error response (RFC 9457)
//! - [`edge`]: the outermost middleware: request ids, security headers, errors in their final form
//! - [`Routes`], [`Access`], [`Sample`]: a module's routes, who may call each, and a call that succeeds;
//!   the access is enforced before a handler runs
//! - [`Authorized`]: the caller or context that the route's access established, for handlers
//! - [`Form`]: a form of a page; [`ErrorPages`]: errors for people
//! - [`Body`], [`Query`], [`PathId`], [`IfMatch`]: a request, parsed into valid values
//! - [`EdgeConfig`], [`Timeouts`], [`ConcurrencyLimiter`], [`RateLimits`]: timeouts and limits
//! - [`openapi`]: the OpenAPI document, written from the handlers' types

mod access;
mod authorize;
mod authorized;
mod body;
mod body_limit;
mod chunked_body;
mod client;
mod concurrency;
mod connection_shares;
mod connection_timeout;
mod cors;
mod credential_source;
mod denials;
mod duplicate_headers;
pub mod edge;
mod error_codes;
mod error_page;
mod etag;
mod form;
mod forwarded;
mod head_limit;
mod host;
mod not_found;
pub mod openapi;
mod organization;
mod origin;
mod path;
mod path_pattern;
mod problem;
mod problem_from;
mod query;
mod rate;
mod request_metrics;
mod response_shares;
mod route_info;
mod routes;
mod sample;
mod security_headers;
mod session_cookies;
mod unread_body;

pub use access::Access;
pub use authorized::Authorized;
pub use body::Body;
pub use body_limit::BodyLimit;
pub use client::{ClientAddress, TrustedProxies, UNTRUSTED_FORWARDING};
pub use concurrency::{ConcurrencyLimiter, ConcurrencyLimits};
pub use connection_shares::{ConnectionShares, REFUSED_CONNECTIONS};
pub use connection_timeout::Timeouts;
pub use cors::CorsOrigins;
pub use edge::{EdgeConfig, RequestId, ShutdownFlag};
pub use error_codes::ERROR_CODES;
pub use error_page::{ErrorPages, FailedRequest, RenderedPage};
pub use etag::{ETag, IfMatch};
pub use form::{FieldErrors, Form, FormFields};
pub use host::check_host;
pub use not_found::default_not_found;
pub use openapi::{Accepted, Created, NoContent, Versioned};
pub use origin::{PublicOrigin, require_same_origin};
pub use path::{PathId, PathSlug};
pub use problem::Problem;
pub use query::{LenientQuery, Query};
pub use rate::{CALLER_REQUESTS, ORGANIZATION_REQUESTS, RateLimit, RateLimiter, RateLimits};
pub use response_shares::{ResponseLimits, ResponseShares};
pub use route_info::RouteInfo;
pub use routes::Routes;
pub use sample::{Sample, SampleValues};
pub use session_cookies::{SessionCookieReader, SessionCookies};
