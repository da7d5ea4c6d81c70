//! One indexed query: the live session, and the active membership that the source names.

use tenantry_core::{
    access::{
        AccessError, Actor, AuthMethod, ContextIssuer, ContextRequest, RequiredContext,
        ResolvedContext, SecondFactor,
    },
    db::{Backend, ColumnFilter as _, ContextJoins as _, Database, DbError, Filter, GlobalRows},
};
use tenantry_users::{SessionDigest, SessionLifetime};

use super::{
    loaders::Loaders,
    resolved::{Resolved, with_quota_flag},
    session_query::{SessionAndMembership, default_membership, live_sessions, order_by_oldest},
    source::{LookupResult, TenantSource, check},
};
use crate::entity::{
    active_membership::{self, Column as Membership},
    live_session,
};

/// The caller with this session, and the organization that the request acts in.
pub(super) async fn by_session(
    db: &Database,
    loaders: &Loaders,
    issuer: &ContextIssuer,
    lifetime: &SessionLifetime,
    source: &TenantSource,
    request: &ContextRequest,
    key: &str,
) -> Result<Resolved, AccessError> {
    let digest = SessionDigest::of(key).as_str().to_owned();
    let found = match (db.backend(), source) {
        (Backend::Postgres, TenantSource::SessionOrDefault) => {
            loaders.defaults.load(digest).await?
        }
        (
            Backend::Postgres,
            TenantSource::None | TenantSource::Unmatched | TenantSource::Token { .. },
        ) => {
            let session = loaders.sessions.load(digest).await?;
            session.map(|session| (session, None))
        }
        // On SQLite a batch is no cheaper than single queries.
        _ => {
            let live = live_sessions(vec![digest], lifetime, db.runtime().now());
            find(db.backend(), &db.read_global(), source, live).await?
        }
    };
    let (session, membership) = found.ok_or(AccessError::InvalidCredential)?;
    let found = LookupResult {
        selected: session.selected_organization,
        member_of: membership.as_ref().map(|membership| &membership.slug),
    };
    check(source, &found)?;
    let second_factor = SecondFactor::of_session(
        session.has_second_factor,
        session.second_factor_at,
        db.runtime().now(),
    );
    let is_required = membership
        .as_ref()
        .map(|found| found.requires_second_factor);
    if is_required == Some(true) {
        second_factor.require_checked()?;
    }

    let by = AuthMethod::Session(session.session_id);
    let caller = issuer.caller(session.user_id, by, request.request);
    let caller = issuer.with_second_factor(caller, second_factor);
    let is_staff = session.is_staff || session.is_superuser;
    let is_operator = request.wanted == RequiredContext::Operator && is_staff;
    let operator = is_operator.then(|| issuer.operator(caller.clone(), session.is_superuser));
    let tenant = membership.map(|found| {
        let actor = Actor::from(&caller);
        let context = issuer.tenant(found.organization_id, found.user_id, found.role, actor);
        let context = issuer.with_member_factor(context, second_factor);
        with_quota_flag(issuer, context, found.is_limited)
    });
    Ok(Resolved {
        context: ResolvedContext {
            caller,
            email_verified: session.email_verified,
            tenant,
            operator,
        },
        last_used_at: Some(session.last_seen_at),
    })
}

async fn find(
    backend: Backend,
    rows: &GlobalRows<'_>,
    source: &TenantSource,
    live: Filter,
) -> Result<Option<SessionAndMembership>, DbError> {
    let sessions = || rows.find::<live_session::Entity>().filter(live.clone());
    if let Some(named) = membership_filter(source) {
        let pair = sessions()
            .with_related::<active_membership::Entity>()
            .on(named);
        // At most one membership has that id or slug; the default is chosen among several.
        let pair = match source {
            TenantSource::SessionOrDefault => order_by_oldest(pair),
            _ => pair,
        };
        match backend {
            // An outer join keeps Postgres from starting with the members of the organization,
            // which may be very many.
            Backend::Postgres => return pair.one().await,
            // SQLite would read the whole view for an outer join. A successful request takes one
            // query here too; the second query finds the reason for a refusal.
            Backend::Sqlite => {
                if let Some((session, membership)) = pair.find_inner_join().await? {
                    return Ok(Some((session, Some(membership))));
                }
            }
        }
    }
    let session = sessions().one().await?;
    Ok(session.map(|session| (session, None)))
}

/// The caller's membership that the source names.
fn membership_filter(source: &TenantSource) -> Option<Filter> {
    match source {
        TenantSource::None | TenantSource::Unmatched | TenantSource::Token { .. } => None,
        TenantSource::Slug(slug) => Some(Membership::Slug.eq(slug.clone())),
        TenantSource::Path { id, .. } => Some(Membership::OrganizationId.eq(*id)),
        TenantSource::DedicatedPath { id, only } => {
            let only = Membership::Slug.eq(only.clone());
            Some(Membership::OrganizationId.eq(*id).and(only))
        }
        TenantSource::SessionOrDefault => Some(default_membership()),
    }
}
