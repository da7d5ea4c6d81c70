//! Which organization a request acts in.
//!
//! [`source`] decides, as a pure function, what names the request's organization; [`lookup`], or
//! [`token`] for a bearer token, loads it with one query, which concurrent requests share through
//! [`loaders`]; [`source`] then checks the result.

mod loaders;
mod lookup;
mod source;
mod token;

pub(crate) use loaders::Loaders;
pub(crate) use lookup::resolve;
