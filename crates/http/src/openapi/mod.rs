//! The OpenAPI document (version 3.1) of a route table.
//!
//! Nobody writes it: an operation is what the types of its handler say. [`DescribeInput`]s tell what
//! a request has, an [`DescribeOutput`] tells what comes back, the route's [`Access`](super::Access)
//! tells who is let in and how everybody else is refused. What types can't tell is said at the
//! route: its name ([`Routes::operation`](super::Routes::operation)) and the facts that its service may
//! refuse with ([`Routes::errors`](super::Routes::errors)).

mod access;
mod answer;
mod argument;
mod document;
mod operation;

pub use answer::{Created, DescribeOutput, NoContent, Versioned};
pub use argument::{DescribeInput, DescribeInputs};
pub use document::{ApiInfo, document};
pub use operation::Operation;

pub(super) use access::describe as describe_admission;
