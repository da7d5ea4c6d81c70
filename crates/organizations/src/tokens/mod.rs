//! API tokens: with one, a program acts as the member who created it, in one organization.
//!
//! A token belongs to a membership and ends with it. It has no permissions of its own: every request
//! reads its owner's current role, in [`context`](crate::context).

mod http;
mod model;
pub(crate) mod revocation;
mod secret;
mod service;
pub(crate) mod store;

pub(crate) use http::routes;
pub use model::{IssuedToken, NewToken, Token};
pub use revocation::token_revoker;
pub use secret::{TokenDigest, TokenSecret};
pub use service::TokensService;
