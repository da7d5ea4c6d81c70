//! Invitations into organizations.
//!
//! - [`InvitationsService`]: the operations
//! - [`NewInvitation`]: for one address, or a link for several people
//! - [`InvitationSecret`]: authorizes acceptance; stored as a digest, shown once
//! - [`InvitationBaseUrl`]: the base URL of links
//!
//! An invitation is checked when it is accepted, under the organization's lock: whether it is
//! pending, whether its inviter may still grant its role, and whether there is a free seat.

mod error;
mod http;
mod link;
mod model;
mod redeem;
mod secret;
mod service;
mod store;

use async_trait::async_trait;
use tenantry_core::{
    access::{SessionCaller, TenantContext},
    id::InvitationId,
    page::{Page, PageRequest},
};

use crate::OrganizationsError;

pub use error::InvitationError;
pub use http::INVITATIONS;
pub(crate) use http::routes;
pub use link::InvitationBaseUrl;
pub use model::{
    ExpiresInDays, Invitation, InvitationPreview, InvitationStatus, MaxUses, Membership,
    NewInvitation, SentInvitation,
};
pub(crate) use redeem::check_recipient;
pub(crate) use secret::InvitationDigest;
pub use secret::InvitationSecret;

type Result<T> = std::result::Result<T, OrganizationsError>;

/// Invitations into organizations.
///
/// # Errors
/// Every method can fail with [`OrganizationsError::Database`]. A method that takes a context fails
/// with [`OrganizationsError::PermissionDenied`], also if the invitation's role is higher than the
/// caller's. Methods document their other errors.
#[async_trait]
pub trait InvitationsService: Send + Sync {
    /// Creates an invitation or a link. It replaces an earlier open invitation to the same address.
    ///
    /// Fails with `AlreadyMember`, and with `SeatLimitReached` if there is no free seat now.
    async fn invite(&self, ctx: &TenantContext, new: NewInvitation) -> Result<SentInvitation>;

    /// One page of the organization's invitations, the newest first.
    async fn invitations(
        &self,
        ctx: &TenantContext,
        request: &PageRequest,
    ) -> Result<Page<Invitation>>;

    /// Gives a pending or expired invitation a new secret for another week, and makes the caller its
    /// inviter; the old secret is unknown from then on.
    ///
    /// Fails as [`invite`](Self::invite), with `NotFound` for unknown and foreign ids, with `Used`
    /// and `Revoked`, and with `IsLink` for a link.
    async fn resend(&self, ctx: &TenantContext, id: InvitationId) -> Result<SentInvitation>;

    /// Revokes an invitation. It is no error if it is revoked already.
    ///
    /// Fails with `NotFound` for unknown and foreign ids, and with `Used` if it was accepted.
    async fn revoke(&self, ctx: &TenantContext, id: InvitationId) -> Result<()>;

    /// What the invitation of a secret offers. Does not use it.
    ///
    /// Fails with `NotFound`, `Expired`, `Revoked` and `Used`.
    async fn preview(&self, secret: &InvitationSecret) -> Result<InvitationPreview>;

    /// Makes the caller a member. It never changes an existing membership.
    ///
    /// Fails as [`preview`](Self::preview), and with `EmailMismatch`, `AlreadyMember` and
    /// `SeatLimitReached`; then the invitation is not used.
    async fn accept(&self, caller: &SessionCaller, secret: &InvitationSecret)
    -> Result<Membership>;
}
