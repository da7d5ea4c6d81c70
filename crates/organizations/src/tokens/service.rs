//! Making, listing and ending tokens.

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

use super::{IssuedToken, NewToken, Token, TokenSecret, store};
use crate::{
    OrganizationsError, ViewOrganization,
    entity::api_token,
    service::Service,
    store::{member_of, membership},
};

type Result<T> = std::result::Result<T, OrganizationsError>;

/// How many tokens a member may have in one organization. Nobody needs more, and a program that
/// makes one for each of its runs is stopped before it fills the table.
const MOST: u64 = 50;

/// How long a use may go without being noted.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(5);

/// A person's own tokens. None of it is done with a token.
///
/// # Errors
/// Every method fails with [`OrganizationsError::Database`] when the database refuses.
#[async_trait]
pub trait TokensService: Send + Sync {
    /// Makes a token for an organization that the caller is an active member of.
    ///
    /// Fails with `NotFound`, the same for foreign and for unknown organizations, with
    /// `TokenExpiryPast` and with `TooManyTokens`.
    async fn create_token(&self, caller: &SessionCaller, new: NewToken) -> Result<IssuedToken>;

    /// One page of the caller's tokens in all his organizations, the newest first. A token that
    /// ended with a password is not among them, nor is one of a disabled organization.
    async fn tokens(&self, caller: &SessionCaller, request: &PageRequest) -> Result<Page<Token>>;

    /// Ends one of those. Fails with `TokenNotFound`, also for those of others.
    async fn revoke_token(&self, caller: &SessionCaller, id: TokenId) -> Result<()>;
}

#[async_trait]
impl TokensService for Service {
    async fn create_token(&self, caller: &SessionCaller, new: NewToken) -> Result<IssuedToken> {
        let runtime = self.db.runtime();
        let now = runtime.now();
        if new.expires_at.is_some_and(|end| end <= now) {
            return Err(OrganizationsError::TokenExpiryPast);
        }
        let user = caller.user();
        let own = membership(&self.db.read_global(), new.organization, user).await?;
        let own = own.filter(|own| self.only().is_none_or(|only| own.slug == *only));
        let own = own.ok_or(OrganizationsError::NotFound)?;
        let grant = self.member_grant(own.id, own.role, caller)?;
        runtime.failpoint("tokens.create").await;

        let mut work = self.db.begin(caller);
        self.lock_for(&mut work, &grant).await?;
        // Whoever ends all credentials of a person locks his account first. So either this token
        // is seen and ended with them, or the session is found to be over here.
        self.deps.users.lock(&mut work, user).await?;
        let rows = work.global().await?;
        if !store::is_still_signed_in(&rows, caller).await? {
            return Err(UsersError::SessionExpired.into());
        }
        let epoch = store::credential_epoch(&rows, user).await?;
        let epoch = epoch.ok_or(UsersError::SessionExpired)?;

        let rows = work.tenant(&grant).await?;
        let member = member_of(&rows, user).await?;
        let member = member.ok_or(OrganizationsError::NotFound)?;
        store::delete_dead(&rows, member.id, epoch, now).await?;
        if store::count(&rows, member.id).await? >= MOST {
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
        let page = store::list(&rows, caller.user(), self.only(), request).await?;
        Ok(page.map(Token::from))
    }

    async fn revoke_token(&self, caller: &SessionCaller, id: TokenId) -> Result<()> {
        let user = caller.user();
        let found = store::find(&self.db.read_global(), user, self.only(), id).await?;
        // Same answer for unknown and foreign ids: another would tell that it exists.
        let found = found.ok_or(OrganizationsError::TokenNotFound)?;
        let grant = self.member_grant(found.organization_id, found.role, caller)?;
        self.db.runtime().failpoint("tokens.revoke").await;
        let mut work = self.db.begin(caller);
        // What ends a token locks its owner's account: one that ended meanwhile ended already.
        self.deps.users.lock(&mut work, user).await?;
        let rows = work.global().await?;
        let found = store::find(&rows, user, self.only(), id).await?;
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
    /// The caller's grant in an organization where his active membership was found.
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

    /// Notes that a token is in use, now and then.
    pub(crate) async fn note_use(
        &self,
        organization: OrganizationId,
        token: TokenId,
        last_used_at: Option<Timestamp>,
    ) {
        // Noting every request would make every read a write; this is exact enough.
        let now = self.db.runtime().now();
        let since = now - NOTED_EVERY;
        if last_used_at.is_some_and(|last| last >= since) {
            return;
        }
        let noted = async {
            let grant = self.as_owner::<ViewOrganization>(organization, Actor::system())?;
            let mut work = self.db.begin(Actor::system());
            store::touch(&work.tenant(&grant).await?, token, now, since).await?;
            Ok::<_, OrganizationsError>(work.commit().await?)
        };
        // The request is let in either way.
        if let Err(error) = noted.await {
            tracing::warn!(%error, "the use of a token could not be noted");
        }
    }
}
