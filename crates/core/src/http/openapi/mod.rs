//! The OpenAPI document (version 3.1) of a route table.
//!
//! Nobody writes it: an operation is what the types of its handler say. [`Argument`]s tell what
//! a request has, an [`Answer`] tells what comes back, the route's [`Access`](super::Access)
//! tells who is let in and how everybody else is refused. What types can't tell is said at the
//! route: its name ([`Routes::says`](super::Routes::says)) and the facts that its service may
//! refuse with ([`Routes::refuses`](super::Routes::refuses)).

mod admitted;
mod answer;
mod argument;
mod operation;
mod write;

pub use answer::{Answer, Created, NoContent, Versioned};
pub use argument::{Argument, Arguments};
pub use operation::Operation;
pub use write::{About, document};

pub(super) use admitted::describe as describe_admission;
