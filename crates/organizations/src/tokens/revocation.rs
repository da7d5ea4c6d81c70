//! Tokens that are revoked with a membership or with a user's credentials.
//!
//! Every revocation locks the account of the token's owner first, so each is recorded once.

use async_trait::async_trait;
use tenantry_core::{
    db::{DbError, UnitOfWork},
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::organizations::{TokenRevocationReason, TokenRevoked};
use tenantry_users::{CredentialRevocation, TokenRevoker};

use super::store;
use crate::entity::active_token::Model;

/// Records revoked tokens in each of their organizations.
struct Tokens;

/// The module's part in revoking a user's credentials, for the users module.
#[must_use]
pub fn token_revoker() -> impl TokenRevoker {
    Tokens
}

#[async_trait]
impl TokenRevoker for Tokens {
    async fn on_credentials_revoked(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        why: CredentialRevocation,
    ) -> Result<(), DbError> {
        let ending = active_tokens(work, user, None).await?;
        let cause = match why {
            CredentialRevocation::PasswordChanged => TokenRevocationReason::PasswordChanged,
            CredentialRevocation::PasswordReset => TokenRevocationReason::PasswordReset,
            CredentialRevocation::Disabled => TokenRevocationReason::UserDisabled,
        };
        record_revocations(work, ending, cause);
        Ok(())
    }
}

/// The user's active tokens, in one organization or in all. The caller holds the account lock.
pub(crate) async fn active_tokens(
    work: &mut UnitOfWork,
    user: UserId,
    only_in: Option<OrganizationId>,
) -> Result<Vec<Model>, DbError> {
    let now = work.runtime().now();
    let rows = work.global().await?;
    store::active_tokens(&rows, user, only_in, now).await
}

/// Records an event for each token.
pub(crate) fn record_revocations(
    work: &mut UnitOfWork,
    revoked: Vec<Model>,
    cause: TokenRevocationReason,
) {
    for token in revoked {
        work.record(&TokenRevoked {
            organization_id: token.organization_id,
            user_id: token.user_id,
            token_id: token.token_id,
            name: token.token_name,
            last_four: token.last_four,
            cause,
        });
    }
}
