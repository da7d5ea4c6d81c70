//! Invitations into organizations.
//!
//! - `InvitationsService`: the operations
//! - `NewInvitation`: for one address, or a link for several people
//! - `InvitationSecret`: authorizes acceptance; stored as a digest, shown once
//! - `BaseUrl`: the base URL of links
//!
//! An invitation is checked when it is accepted, under the organization's lock: whether it is
//! pending, whether its inviter may still grant its role, and whether there is a free seat.

pub(crate) mod error;
pub(crate) mod http;
pub(crate) mod link;
mod listing;
pub(crate) mod model;
pub(crate) mod received;
pub(crate) mod redeem;
mod revocation;
pub(crate) mod secret;
pub(crate) mod service;
mod store;
