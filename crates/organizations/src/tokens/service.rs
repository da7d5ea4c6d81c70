//! Creating, listing and revoking tokens.

use async_trait::async_trait;
use chrono::TimeDelta;
use tenantry_core::{
    access::{Actor, Grant, Role, SessionCaller},
    clock::Timestamp,
    id::{OrganizationId, TokenId},
    page::{Page, PageRequest},
};
use tenantry_domain_events::events::organizations::{
    TokenCreated, TokenRevocationReason, TokenRevoked,
};
use tenantry_users::UsersError;

use super::{
    model::{IssuedToken, NewToken, Token},
    secret::TokenSecret,
    store,
};
use crate::{
    entity::{api_token, live_token},
    error::OrganizationsError,
    membership::members,
    organization::store::{membership, organization},
    permissions::ViewOrganization,
    service::{Result, Service},
};

/// Maximum number of tokens of a member in one organization. It stops a program that creates one
/// for each of its runs.
const MAX_TOKENS: u64 = 50;

/// Minimum interval between two recorded uses.
const TOUCH_INTERVAL: TimeDelta = TimeDelta::minutes(5);

/// The tokens of a user. All operations need a session.
///
/// # Errors
/// Every method can fail with [`OrganizationsError::Database`].
#[async_trait]
pub trait TokensService: Send + Sync {
    /// Creates a token for an organization of the caller.
    ///
    /// Fails with `NotFound`, the same for foreign and for unknown organizations, with
    /// `TokenExpiryPast`, with `TooManyTokens`, and with `Access` without a recent check of the second
    /// factor, or without one where the organization requires it.
    async fn create_token(&self, caller: &SessionCaller, new: NewToken) -> Result<IssuedToken>;

    /// One page of the caller's tokens in all organizations, the newest first, without revoked ones
    /// and those of disabled organizations.
    async fn tokens(&self, caller: &SessionCaller, request: &PageRequest) -> Result<Page<Token>>;

    /// A token of the caller. Fails with `TokenNotFound`, also for tokens of other users.
    async fn token(&self, caller: &SessionCaller, id: TokenId) -> Result<Token>;

    /// Revokes a token of the caller. Fails with `TokenNotFound`, also for tokens of other users.
    async fn revoke_token(&self, caller: &SessionCaller, id: TokenId) -> Result<()>;
}

#[async_trait]
impl TokensService for Service {
    async fn create_token(&self, caller: &SessionCaller, new: NewToken) -> Result<IssuedToken> {
        caller.second_factor().require_recent()?;
        let runtime = self.db.runtime();
        let now = runtime.now();
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(OrganizationsError::TokenExpiryPast);
        }
        let user = caller.user();
        let own = membership(&self.db.read_global(), new.organization, user).await?;
        let own = own.filter(|own| self.dedicated_slug().is_none_or(|only| own.slug == *only));
        let own = own.ok_or(OrganizationsError::NotFound)?;
        let grant = self.member_grant(own.id, own.role, caller)?;
        runtime.failpoint("tokens.create").await;

        let mut work = self.db.begin(caller);
        self.lock_for(&mut work, &grant).await?;
        let rows = work.global().await?;
        let found = organization(&rows, own.id).await?;
        if found.is_some_and(|row| row.requires_second_factor) {
            caller.second_factor().require_checked()?;
        }
        // Revoking a user's credentials locks the account first. Either it finds this token and
        // revokes it, or the check below finds the session ended.
        self.deps.users.lock(&mut work, user).await?;
        let rows = work.global().await?;
        if !store::session_exists(&rows, caller).await? {
            return Err(UsersError::SessionExpired.into());
        }
        let epoch = store::credential_epoch(&rows, user).await?;
        let epoch = epoch.ok_or(UsersError::SessionExpired)?;

        let rows = work.tenant(&grant).await?;
        let member = members::store::find_user(&rows, user).await?;
        let member = member.ok_or(OrganizationsError::NotFound)?;
        store::delete_invalid(&rows, member.id, epoch, now).await?;
        if store::count(&rows, member.id).await? >= MAX_TOKENS {
            return Err(OrganizationsError::TooManyTokens);
        }
        let secret = TokenSecret::generate(runtime);
        let row = api_token::Model {
            organization_id: own.id,
            id: runtime.new_id(),
            membership_id: member.id,
            user_id: user,
            credential_epoch: epoch,
            name: new.name,
            secret_hash: secret.digest(),
            last_four: secret.last_four().to_owned(),
            created_at: now,
            expires_at: new.expires_at,
            last_used_at: None,
        };
        let token = Token::from(store::insert(&rows, row).await?);
        work.record(&TokenCreated {
            organization_id: own.id,
            user_id: user,
            token_id: token.id,
            name: token.name.clone(),
            last_four: token.last_four.clone(),
        });
        work.commit().await?;
        Ok(IssuedToken { token, secret })
    }

    async fn tokens(&self, caller: &SessionCaller, request: &PageRequest) -> Result<Page<Token>> {
        let rows = self.db.read_global();
        let page = store::list(&rows, caller.user(), self.dedicated_slug(), request).await?;
        Ok(page.map(Token::from))
    }

    async fn token(&self, caller: &SessionCaller, id: TokenId) -> Result<Token> {
        Ok(self.find_token(caller, id).await?.into())
    }

    async fn revoke_token(&self, caller: &SessionCaller, id: TokenId) -> Result<()> {
        let user = caller.user();
        let found = self.find_token(caller, id).await?;
        let grant = self.member_grant(found.organization_id, found.role, caller)?;
        self.db.runtime().failpoint("tokens.revoke").await;
        let mut work = self.db.begin(caller);
        // Every revocation locks the owner's account, so the token is read again under the lock.
        self.deps.users.lock(&mut work, user).await?;
        let rows = work.global().await?;
        let found = store::find(&rows, user, self.dedicated_slug(), id).await?;
        let found = found.ok_or(OrganizationsError::TokenNotFound)?;
        if !store::delete(&work.tenant(&grant).await?, user, id).await? {
            return Err(OrganizationsError::TokenNotFound);
        }
        work.record(&TokenRevoked {
            organization_id: found.organization_id,
            user_id: user,
            token_id: id,
            name: found.token_name,
            last_four: found.last_four,
            cause: TokenRevocationReason::Revoked,
        });
        Ok(work.commit().await?)
    }
}

impl Service {
    async fn find_token(&self, caller: &SessionCaller, id: TokenId) -> Result<live_token::Model> {
        let rows = self.db.read_global();
        let found = store::find(&rows, caller.user(), self.dedicated_slug(), id).await?;
        // Same answer for unknown and foreign ids: another one would reveal that it exists.
        found.ok_or(OrganizationsError::TokenNotFound)
    }

    /// The caller's grant, from an active membership.
    fn member_grant(
        &self,
        organization: OrganizationId,
        role: Role,
        caller: &SessionCaller,
    ) -> Result<Grant<ViewOrganization>> {
        let issuer = &self.deps.issuer;
        let context = issuer.tenant(organization, caller.user(), role, Actor::from(caller));
        Ok(context.require()?)
    }

    /// Records the use of a token, at most once per interval.
    pub(crate) async fn touch(
        &self,
        organization: OrganizationId,
        token: TokenId,
        last_used_at: Option<Timestamp>,
    ) {
        // Recording every request would make every read a write; this is exact enough.
        let now = self.db.runtime().now();
        let since = now - TOUCH_INTERVAL;
        if last_used_at.is_some_and(|last| last >= since) {
            return;
        }
        let recorded = async {
            let grant = self.system_grant::<ViewOrganization>(organization, &Actor::system())?;
            let mut work = self.db.begin(Actor::system());
            store::touch(&work.tenant(&grant).await?, token, now, since).await?;
            Ok::<_, OrganizationsError>(work.commit().await?)
        };
        // The request succeeds either way.
        if let Err(error) = recorded.await {
            tracing::warn!(%error, "the use of a token could not be recorded");
        }
    }
}
