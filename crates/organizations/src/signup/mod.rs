//! Signing up, with or without an invitation.
//!
//! - [`SignupService`]: creates an account, a session and possibly a membership, all or none
//! - [`SignupPolicy`]: whether signing up needs an invitation

mod http;
mod service;

use async_trait::async_trait;
use tenantry_users::{ClientInfo, NewAccount, NewSession};

use crate::{InvitationSecret, OrganizationsError};

pub use http::SIGNUPS;
pub(crate) use http::routes;

/// Whether signing up needs an invitation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SignupPolicy {
    /// It needs none.
    #[default]
    Open,
    /// Only invited people may sign up.
    Invitation,
}

/// Signing up.
#[async_trait]
pub trait SignupService: Send + Sync {
    /// Creates an account and a session. With an invitation, the same unit of work adds the
    /// membership; if that fails, no account is created.
    ///
    /// # Errors
    /// [`OrganizationsError::SignupByInvitationOnly`] without a required invitation; with one, the
    /// errors of [`accept`](crate::InvitationsService::accept). Those of the users module: the
    /// address is taken, or too many passwords are being hashed.
    async fn sign_up(
        &self,
        account: NewAccount,
        invitation: Option<InvitationSecret>,
        client: ClientInfo,
    ) -> Result<NewSession, OrganizationsError>;
}
