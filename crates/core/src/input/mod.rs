//! Input from clients: values and whole requests, parsed field by field, with every error collected.
//!
//! - [`InputField`]: a value in a JSON body or a query string
//! - [`request!`](crate::request): declares a request, a struct whose fields are all input fields
//! - [`Patch`], [`NullablePatch`]: fields of a partial update
//! - [`strict_json`]: JSON without duplicate keys and NUL characters
//! - [`schema`]: the JSON Schema of values, requests and responses

mod exact_numbers;
mod field;
mod field_impls;
mod patch;
mod reader;
mod request;
pub mod schema;
pub mod strict_json;

pub use exact_numbers::inexact_members;
pub use field::{InputField, InvalidField, ValidationErrors, parse_string};
pub use patch::{NullablePatch, Patch};
pub use reader::{FieldReader, FromFields};
/// A JSON value.
pub use serde_json::Value as Json;
