//! One indexed query: the live token, and what its owner is in its organization at this moment.

use tenantry_core::access::{
    AccessError, Actor, AuthMethod, ContextIssuer, ContextRequest, ResolvedContext,
};

use super::{
    asking::Asking,
    lookup::{Resolved, told_of_limits},
    source::{Found, Source, judge},
};
use crate::tokens::TokenSecret;

/// Who is calling with this token, in which organization.
pub(super) async fn by_token(
    asking: &Asking,
    issuer: &ContextIssuer,
    source: &Source,
    question: &ContextRequest,
    token: Option<&str>,
) -> Result<Resolved, AccessError> {
    // What can't be a token is not asked for.
    let secret = token.and_then(TokenSecret::parse);
    let secret = secret.ok_or(AccessError::InvalidCredential)?;
    let token = asking.tokens.ask(secret.digest()).await?;
    let token = token.ok_or(AccessError::InvalidCredential)?;

    let is_reached = source.reaches(token.organization_id, &token.slug);
    let found = Found {
        selected: None,
        member_of: is_reached.then_some(&token.slug),
    };
    judge(source, &found)?;

    let by = AuthMethod::Token {
        id: token.token_id,
        organization: token.organization_id,
    };
    let caller = issuer.caller(token.user_id, by, question.request);
    let tenant = is_reached.then(|| {
        let actor = Actor::from(&caller);
        let context = issuer.tenant(token.organization_id, token.user_id, token.role, actor);
        told_of_limits(issuer, context, token.is_limited)
    });
    Ok(Resolved {
        admission: ResolvedContext {
            caller,
            tenant,
            // A leaked token must not be worth the deployment.
            operator: None,
        },
        last_used_at: token.last_used_at,
    })
}
