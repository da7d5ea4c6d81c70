//! What the HTTP side of every module shares.
//!
//! - [`Problem`]: every refusal, as the client reads it
//! - [`edge`]: the outermost layer, which gives requests their id and answers their final form
//! - [`Routes`], [`Access`]: a module's routes, and who may call each; enforced before a handler runs
//! - [`RefusalLog`]: who remembers what members were refused
//! - [`Body`], [`Query`], [`PathId`], [`IfMatch`]: a request, parsed into valid values or refused
//! - [`EdgeRules`], [`Patience`], [`Load`], [`RateLimits`]: what nobody may do to us, however he asks
//! - [`openapi`]: the document of it all, from the handlers' types
//! - [`Field`], [`request!`](crate::request): how a value or a whole request is read

mod access;
mod admission;
mod body;
mod change;
mod client;
mod connection;
mod cors;
mod credentials;
pub mod edge;
mod etag;
mod fact;
mod field;
mod field_impls;
mod load;
mod not_found;
mod observed;
pub mod openapi;
mod organization;
mod origin;
mod path;
mod pieces;
mod problem;
mod query;
mod rate;
mod reader;
mod refusals;
mod repeated;
mod request;
mod routes;
mod shape;
mod strict_json;

pub use access::Access;
pub use body::{Body, BodyLimit};
pub use change::{Change, Clearable};
pub use client::{ClientAddress, TrustedProxies};
pub use connection::Patience;
pub use cors::CorsOrigins;
pub use credentials::Credentials;
pub use edge::{Draining, EdgeRules, RequestId};
pub use etag::{ETag, IfMatch, Precondition};
pub use field::{Field, FieldError, InvalidField, parse_string};
pub use load::{Capacity, Load};
pub use not_found::default_not_found;
pub use openapi::{Created, NoContent, Versioned};
pub use origin::OwnOrigin;
pub use path::PathId;
pub use problem::Problem;
pub use query::Query;
pub use rate::{CALLER_REQUESTS, Limit, ORGANIZATION_REQUESTS, RateLimits, Throttle};
pub use reader::Reader;
pub use refusals::{PermissionRefused, RefusalLog};
pub use request::Fields;
pub use routes::{RouteInfo, Routes};
/// A JSON value, as [`Field`] gets it.
pub use serde_json::Value as Json;
