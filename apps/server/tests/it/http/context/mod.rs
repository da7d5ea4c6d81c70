//! Which organization a request acts in.

mod credentials;
mod header;
mod order;
mod unavailable;
