//! Which organization a request acts in.

mod credentials;
mod header;
mod lost;
mod order;
