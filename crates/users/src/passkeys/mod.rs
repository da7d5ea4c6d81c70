//! Passkeys: keys of a device or of a password manager, with which a person logs in without a password.
//!
//! - `PasskeysService`: the operations
//! - `Passkey`: one as its owner sees it
//! - `CreationOptions`, `RequestOptions`: what a browser is asked for
//! - `CreatedCredential`, `SignedCredential`: what it answers
//! - `RelyingParty`: the server as browsers know it
//! - `challenge`: what an authenticator signs, once
//! - `ceremony`: what is verified of an answer
//!
//! Without the feature `passkeys` there are no ceremonies and no routes; the stored passkeys still count as
//! second factors.

#[cfg(feature = "passkeys")]
mod answer;
mod base64url;
mod model;
mod relying_party;
pub(crate) mod store;

#[cfg(feature = "passkeys")]
mod ceremony;
#[cfg(feature = "passkeys")]
mod challenge;
#[cfg(feature = "passkeys")]
mod credential;
#[cfg(feature = "passkeys")]
mod http;
#[cfg(feature = "passkeys")]
mod options;
#[cfg(feature = "passkeys")]
mod service;
#[cfg(feature = "passkeys")]
pub(crate) mod used_challenges;

pub use base64url::Base64Url;
pub use model::Passkey;
pub use relying_party::RelyingParty;

#[cfg(feature = "passkeys")]
pub(crate) use ceremony::{CeremonyError, assertion::Asserted};
#[cfg(feature = "passkeys")]
pub(crate) use challenge::{Challenge, Purpose};
#[cfg(feature = "passkeys")]
pub use credential::{CreatedCredential, SignedCredential};
#[cfg(feature = "passkeys")]
pub(crate) use http::routes;
#[cfg(feature = "passkeys")]
pub use options::{CreationOptions, RequestOptions};
#[cfg(feature = "passkeys")]
pub use service::{AddedPasskey, NewPasskey, PasskeysService};
