//! API tokens: with one, a program acts as the member who made it may, in one organization.
//!
//! A token belongs to a membership and goes with it. It holds no right of its own: what its owner
//! may do at this moment is read for every request, by [`context`](crate::context).

pub(crate) mod ending;
mod http;
mod model;
mod secret;
mod service;
pub(crate) mod store;

pub use ending::token_revoker;
pub(crate) use http::routes;
pub use model::{IssuedToken, NewToken, Token};
pub use secret::{TokenDigest, TokenSecret};
pub use service::TokensService;
