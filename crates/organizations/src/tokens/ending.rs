//! Tokens that end without being touched: with a membership, or with a password.
//!
//! Everything that ends a token locks the account of its owner first, so each end is told once.

use async_trait::async_trait;
use tenantry_core::{
    db::{DbError, UnitOfWork},
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::organizations::{TokenRevocationReason, TokenRevoked};
use tenantry_users::{CredentialRevocation, TokenRevoker};

use super::store;
use crate::entity::held_token::Model;

/// Tells of tokens that end with a password, in each of their organizations.
struct Tokens;

/// Who is to be told that all credentials of a person end; for the users module.
#[must_use]
pub fn token_revoker() -> impl TokenRevoker {
    Tokens
}

#[async_trait]
impl TokenRevoker for Tokens {
    async fn ending(
        &self,
        work: &mut UnitOfWork,
        user: UserId,
        why: CredentialRevocation,
    ) -> Result<(), DbError> {
        let ending = held(work, user, None).await?;
        let cause = match why {
            CredentialRevocation::PasswordChanged => TokenRevocationReason::PasswordChanged,
            CredentialRevocation::PasswordReset => TokenRevocationReason::PasswordReset,
            CredentialRevocation::Disabled => TokenRevocationReason::UserDisabled,
        };
        tell(work, ending, cause);
        Ok(())
    }
}

/// What a person's tokens are worth something, here or anywhere. His account is locked.
pub(crate) async fn held(
    work: &mut UnitOfWork,
    user: UserId,
    only_in: Option<OrganizationId>,
) -> Result<Vec<Model>, DbError> {
    let now = work.runtime().now();
    let rows = work.global().await?;
    store::held(&rows, user, only_in, now).await
}

/// Tells of each of them that it ended.
pub(crate) fn tell(work: &mut UnitOfWork, ended: Vec<Model>, cause: TokenRevocationReason) {
    for token in ended {
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
