//! The OpenAPI document (version 3.1) of a route table.
//!
//! It is generated: [`DescribeInput`] and [`DescribeOutput`] describe the types of a handler, and the
//! route's [`Access`](super::Access) who may call it and with which errors. The rest is declared at the
//! route: its operation id ([`Routes::operation`](super::Routes::operation)) and the errors of its
//! service ([`Routes::errors`](super::Routes::errors)).

mod access;
mod answer;
mod argument;
mod document;
mod operation;

pub use answer::{Accepted, Created, DescribeOutput, NoContent, Versioned};
pub use argument::{DescribeInput, DescribeInputs};
pub use document::{ApiInfo, document};
pub use operation::Operation;

pub(super) use access::describe as describe_access;
