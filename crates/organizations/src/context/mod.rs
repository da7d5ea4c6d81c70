//! Which organization a request acts in.
//!
//! [`source`] decides, as a pure function, which one thing the request's organization is read
//! from; [`lookup`], or [`token`] for a caller with one, asks the database for it in one query,
//! which many who come at the same time [`asking`] share;
//! [`source`] then judges the answer.

mod asking;
mod batch;
mod lookup;
mod source;
mod token;

pub(crate) use asking::Asking;
pub(crate) use lookup::resolve;
