//! Invitations: how people come into an organization.
//!
//! - [`InvitationsService`]: what is done with them
//! - [`NewInvitation`]: for one address, or a link for several people
//! - [`InvitationSecret`]: what the invited person holds; stored as a digest, shown once
//! - [`InvitationBaseUrl`]: where links begin
//!
//! What an invitation is worth is found out when it is accepted, under the organization's lock:
//! whether it is pending by the clock, whether its inviter may still give its role, whether there
//! is a seat.

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
pub(crate) use redeem::refuse_others;
pub(crate) use secret::InvitationDigest;
pub use secret::InvitationSecret;

type Result<T> = std::result::Result<T, OrganizationsError>;

/// Invitations into organizations.
///
/// # Errors
/// Every method fails with [`OrganizationsError::Database`] when the database refuses, and the
/// methods that take a context with [`OrganizationsError::PermissionDenied`] when the role is too
/// low: for the invitation's role as well, because nobody gives more than he holds. What else can
/// go wrong stands at the method.
#[async_trait]
pub trait InvitationsService: Send + Sync {
    /// Invites somebody, or makes a link. An earlier invitation for the same address that was not
    /// answered is replaced.
    ///
    /// Fails with `AlreadyMember`, and with `SeatLimitReached` if nobody could accept now.
    async fn invite(&self, ctx: &TenantContext, new: NewInvitation) -> Result<SentInvitation>;

    /// One page of the organization's invitations, the newest first.
    async fn invitations(
        &self,
        ctx: &TenantContext,
        request: &PageRequest,
    ) -> Result<Page<Invitation>>;

    /// Gives a pending or expired invitation a new secret and another week; the old secret is
    /// unknown from then on. Who sends it again is its inviter.
    ///
    /// Fails as [`invite`](Self::invite), with `NotFound` for unknown and foreign ids, with `Used`
    /// and `Revoked`, and with `IsLink` for a link.
    async fn resend(&self, ctx: &TenantContext, id: InvitationId) -> Result<SentInvitation>;

    /// Withdraws an invitation. One that was withdrawn stays so.
    ///
    /// Fails with `NotFound` for unknown and foreign ids, and with `Used` if it was accepted.
    async fn revoke(&self, ctx: &TenantContext, id: InvitationId) -> Result<()>;

    /// What a secret would get its holder. Consumes nothing.
    ///
    /// Fails with `NotFound`, `Expired`, `Revoked` and `Used`.
    async fn preview(&self, secret: &InvitationSecret) -> Result<InvitationPreview>;

    /// Makes the caller a member. What a member already is never changes by it.
    ///
    /// Fails as [`preview`](Self::preview), and with `EmailMismatch`, `AlreadyMember` and
    /// `SeatLimitReached`; then nothing is consumed.
    async fn accept(&self, caller: &SessionCaller, secret: &InvitationSecret)
    -> Result<Membership>;
}
