//! Which organization a request acts in.
//!
//! [`source`] decides, as a pure function, what names the request's organization; [`session`], or
//! [`token`] for a bearer token, loads it with one query, which concurrent requests share through
//! [`loaders`]; [`source`] then checks the result.

pub(crate) mod loaders;
mod resolved;
mod resolver;
mod session;
mod session_query;
mod source;
mod token;
