//! Signing up, by an invitation or without one.
//!
//! - [`SignupService`]: an account, a session and perhaps a membership, together or not at all
//! - [`SignupPolicy`]: whether anybody may

mod http;
mod service;

use async_trait::async_trait;
use tenantry_users::{ClientInfo, NewAccount, NewSession};

use crate::{InvitationSecret, OrganizationsError};

pub use http::SIGNUPS;
pub(crate) use http::routes;

/// Who may sign up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignupPolicy {
    /// Anybody.
    #[default]
    Open,
    /// Whoever was invited.
    Invitation,
}

/// Signing up.
#[async_trait]
pub trait SignupService: Send + Sync {
    /// Makes an account for a visitor and a session for him. With an invitation, he is a member
    /// in the same unit of work, and without its success there is no account.
    ///
    /// # Errors
    /// [`OrganizationsError::SignupByInvitationOnly`] without an invitation where one is needed;
    /// with one, as [`accept`](crate::InvitationsService::accept). Then those of the users module:
    /// the address is taken, or too many passwords are being hashed.
    async fn sign_up(
        &self,
        account: NewAccount,
        invitation: Option<InvitationSecret>,
        visitor: ClientInfo,
    ) -> Result<NewSession, OrganizationsError>;
}
