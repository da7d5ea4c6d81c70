//! The ceremonies of passkeys: what a relying party verifies of the browser's answers (Web Authentication
//! Level 3, sections 7.1 and 7.2).
//!
//! - `registration`: a new passkey
//! - `assertion`: a login with a passkey
//! - `client_data`: what the browser signed for which page
//! - `authenticator_data`: what the authenticator did
//! - `cose`: public keys, and the signatures that they verify
//! - `cbor`: the encoding of the last three
//!
//! They know no database, no session and no HTTP.

pub(crate) mod assertion;
mod authenticator_data;
mod cbor;
pub(super) mod client_data;
mod cose;
mod error;
pub(super) mod registration;

#[cfg(test)]
mod authenticator;
#[cfg(test)]
mod w3c_vectors;

pub(super) use cose::Algorithm;
pub(crate) use error::CeremonyError;

/// The longest id of a credential (section 7.1, step 25).
pub(super) const MAX_CREDENTIAL_ID: usize = 1023;

/// What a ceremony is expected to be about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected<'a> {
    /// The challenge that was given out.
    pub(super) challenge: &'a [u8],
    /// The origin of the server's pages, such as `https://tenantry.example`.
    pub(super) origin: &'a str,
    /// The id of the relying party: the host of the origin.
    pub(super) rp_id: &'a str,
}
