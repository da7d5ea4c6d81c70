//! The resolver of every request's context.

use async_trait::async_trait;
use tenantry_core::{
    access::{
        AccessError, AuthMethod, ContextIssuer, ContextRequest, ContextResolver, Credential,
        ResolvedContext,
    },
    clock::Timestamp,
    db::Database,
    deployment::Deployment,
    id::SessionId,
};
use tenantry_users::SessionLifetime;

use super::{
    loaders::Loaders, resolved::Resolved, session::by_session, source::source, token::by_token,
};
use crate::service::{OrganizationsDeps, Service};

/// The caller, and the organization that the request acts in.
async fn resolve(
    db: &Database,
    loaders: &Loaders,
    issuer: &ContextIssuer,
    deployment: &Deployment,
    lifetime: &SessionLifetime,
    request: &ContextRequest,
) -> Result<Resolved, AccessError> {
    let source = source(deployment, request);
    match &request.credential {
        None => Err(AccessError::NotAuthenticated),
        Some(Credential::Bearer(token)) => {
            by_token(loaders, issuer, &source, request, token.as_deref()).await
        }
        Some(Credential::Session(key)) => {
            by_session(db, loaders, issuer, lifetime, &source, request, key).await
        }
    }
}

#[async_trait]
impl ContextResolver for Service {
    async fn resolve(&self, request: ContextRequest) -> Result<ResolvedContext, AccessError> {
        let OrganizationsDeps {
            issuer,
            deployment,
            sessions,
            ..
        } = &self.deps;
        let (db, loaders) = (&self.db, &self.loaders);
        let resolved = resolve(db, loaders, issuer, deployment, sessions, &request);
        let resolved = resolved.await?;
        match (resolved.context.caller.auth_method(), resolved.last_used_at) {
            (AuthMethod::Session(session), Some(last)) => self.keep_alive(session, last).await,
            (AuthMethod::Session(_), None) => {}
            (AuthMethod::Token { id, organization }, last) => {
                self.touch(organization, id, last).await
            }
        }
        Ok(resolved.context)
    }
}

impl Service {
    async fn keep_alive(&self, session: SessionId, last_seen_at: Timestamp) {
        // Recording every request would make every read a write; this is exact enough.
        let every = self.deps.sessions.idle / 100;
        if self.db.runtime().now() - last_seen_at < every {
            return;
        }
        // The request succeeds either way; the session would only expire a little early.
        if let Err(error) = self.deps.users.keep_alive(session).await {
            tracing::warn!(%error, "a session could not be marked as seen");
        }
    }
}
