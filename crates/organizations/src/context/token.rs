//! One indexed query: the live token, and its owner's current role in its organization.

use tenantry_core::access::{
    AccessError, Actor, AuthMethod, ContextIssuer, ContextRequest, ResolvedContext,
};

use super::{
    loaders::Loaders,
    resolved::{Resolved, with_quota_flag},
    source::{LookupResult, TenantSource, check},
};
use crate::tokens::secret::TokenSecret;

/// The caller with this token, and its organization.
pub(super) async fn by_token(
    loaders: &Loaders,
    issuer: &ContextIssuer,
    source: &TenantSource,
    request: &ContextRequest,
    token: Option<&str>,
) -> Result<Resolved, AccessError> {
    // A malformed token is refused without a query.
    let secret = token.and_then(TokenSecret::parse);
    let secret = secret.ok_or(AccessError::InvalidCredential)?;
    let token = loaders.tokens.load(secret.digest()).await?;
    let token = token.ok_or(AccessError::InvalidCredential)?;

    let is_allowed = source.allows(token.organization_id, &token.slug);
    let found = LookupResult {
        selected: None,
        member_of: is_allowed.then_some(&token.slug),
    };
    check(source, &found)?;

    let by = AuthMethod::Token {
        id: token.token_id,
        organization: token.organization_id,
    };
    let caller = issuer.caller(token.user_id, by, request.request);
    let caller = issuer.with_token_name(caller, &token.token_name);
    let tenant = is_allowed.then(|| {
        let actor = Actor::from(&caller);
        let context = issuer.tenant(token.organization_id, token.user_id, token.role, actor);
        with_quota_flag(issuer, context, token.is_limited)
    });
    Ok(Resolved {
        context: ResolvedContext {
            caller,
            email_verified: token.email_verified,
            tenant,
            // A leaked token must not give access to the whole deployment.
            operator: None,
        },
        last_used_at: token.last_used_at,
    })
}
