//! The HTTP contract, as clients meet it.

mod context;
mod support;
