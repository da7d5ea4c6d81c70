//! A route without its handler.

use actix_web::http::Method;

use super::{Access, Sample};

/// Method, path and access of a route. A `GET` route also serves `HEAD`.
#[derive(Clone, Debug)]
pub struct RouteInfo {
    /// The method.
    pub method: Method,
    /// The path, without a trailing slash.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Whether the OpenAPI document has an operation for it.
    pub is_operation: bool,
    /// Whether it is a page for people, or a form of one.
    pub is_page: bool,
    /// A call that succeeds.
    pub sample: Sample,
}
