//! One indexed query: the live session, and the active membership that the source names.

use tenantry_core::{
    access::{
        AccessError, Actor, AuthMethod, ContextIssuer, ContextRequest, Credential, RequiredContext,
        ResolvedContext, TenantContext,
    },
    clock::Timestamp,
    db::{
        Backend, ColumnFilter as _, Database, DbError, Filter, FindWithRelated, Global, GlobalRows,
    },
    deployment::Deployment,
    id::OrganizationId,
    orm::Order,
};
use tenantry_users::{SessionDigest, SessionLifetime};

use super::{
    asking::Asking,
    source::{Found, Source, judge, source},
    token::by_token,
};
use crate::entity::{
    active_membership::{self, Column as Membership},
    live_session::{self, Column as Session},
};

/// A request that was let in, and when its session or token was last noted to be used.
pub(crate) struct Resolved {
    pub(crate) admission: ResolvedContext,
    pub(crate) last_used_at: Option<Timestamp>,
}

/// Who is calling, in which organization.
pub(crate) async fn resolve(
    db: &Database,
    asking: &Asking,
    issuer: &ContextIssuer,
    deployment: &Deployment,
    lifetime: &SessionLifetime,
    question: &ContextRequest,
) -> Result<Resolved, AccessError> {
    let source = source(deployment, question);
    match &question.credential {
        None => Err(AccessError::NotAuthenticated),
        Some(Credential::Bearer(token)) => {
            by_token(asking, issuer, &source, question, token.as_deref()).await
        }
        Some(Credential::Session(key)) => {
            by_session(db, asking, issuer, lifetime, &source, question, key).await
        }
    }
}

async fn by_session(
    db: &Database,
    asking: &Asking,
    issuer: &ContextIssuer,
    lifetime: &SessionLifetime,
    source: &Source,
    question: &ContextRequest,
    key: &str,
) -> Result<Resolved, AccessError> {
    let digest = SessionDigest::of(key).as_str().to_owned();
    let found = match (db.backend(), source) {
        (Backend::Postgres, Source::SessionOrDefault) => asking.defaults.ask(digest).await?,
        (Backend::Postgres, Source::Nothing | Source::Nowhere | Source::Bound { .. }) => {
            let session = asking.sessions.ask(digest).await?;
            session.map(|session| (session, None))
        }
        // To ask SQLite for several is no cheaper than to ask for each.
        _ => {
            let live = live(vec![digest], lifetime, db.runtime().now());
            find(db.backend(), &db.read_global(), source, live).await?
        }
    };
    let (session, membership) = found.ok_or(AccessError::InvalidCredential)?;
    let found = Found {
        selected: session.selected_organization,
        member_of: membership.as_ref().map(|membership| &membership.slug),
    };
    judge(source, &found)?;

    let by = AuthMethod::Session(session.session_id);
    let caller = issuer.caller(session.user_id, by, question.request);
    let is_staff = session.is_staff || session.is_superuser;
    let is_operator = question.wanted == RequiredContext::Operator && is_staff;
    let operator = is_operator.then(|| issuer.operator(caller.clone(), session.is_superuser));
    let tenant = membership.map(|found| {
        let actor = Actor::from(&caller);
        let context = issuer.tenant(found.organization_id, found.user_id, found.role, actor);
        told_of_limits(issuer, context, found.is_limited)
    });
    Ok(Resolved {
        admission: ResolvedContext {
            caller,
            tenant,
            operator,
        },
        last_used_at: Some(session.last_seen_at),
    })
}

pub(super) fn told_of_limits(
    issuer: &ContextIssuer,
    context: TenantContext,
    is_limited: bool,
) -> TenantContext {
    if is_limited {
        context
    } else {
        issuer.unlimited(context)
    }
}

/// Which sessions of those keys are alive.
pub(super) fn live(digests: Vec<String>, lifetime: &SessionLifetime, now: Timestamp) -> Filter {
    Filter::all([
        Session::KeyHash.is_in(digests),
        Session::ExpiresAt.gt(now),
        Session::LastSeenAt.gt(lifetime.idle_since(now)),
    ])
}

pub(super) type SessionAndMembership = (live_session::Model, Option<active_membership::Model>);

async fn find(
    backend: Backend,
    rows: &GlobalRows<'_>,
    source: &Source,
    live: Filter,
) -> Result<Option<SessionAndMembership>, DbError> {
    let sessions = || rows.find::<live_session::Entity>().filter(live.clone());
    if let Some(named) = named(source) {
        let pair = sessions()
            .with_related::<active_membership::Entity>()
            .on(named);
        // Only one membership has that id or slug; only the default has to be chosen.
        let pair = match source {
            Source::SessionOrDefault => by_default(pair),
            _ => pair,
        };
        match backend {
            // An outer join keeps Postgres from beginning with the members of an organization,
            // of which there may be very many.
            Backend::Postgres => return pair.one().await,
            // SQLite would read the whole view for an outer join. Whoever is let in takes one
            // query here as well; the one below tells why somebody is not.
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

/// Which of the caller's memberships the source names.
fn named(source: &Source) -> Option<Filter> {
    match source {
        Source::Nothing | Source::Nowhere | Source::Bound { .. } => None,
        Source::Slug(slug) => Some(Membership::Slug.eq(slug.clone())),
        Source::Path { id, .. } => Some(Membership::OrganizationId.eq(*id)),
        Source::DedicatedPath { id, only } => {
            let only = Membership::Slug.eq(only.clone());
            Some(Membership::OrganizationId.eq(*id).and(only))
        }
        Source::SessionOrDefault => Some(default_membership()),
    }
}

/// The membership that the session was switched to, or any of them.
pub(super) fn default_membership() -> Filter {
    Filter::any([
        Session::SelectedOrganization.eq(None::<OrganizationId>),
        Session::SelectedOrganization.eq_column(Membership::OrganizationId),
    ])
}

type Pairs<'r> = FindWithRelated<'r, live_session::Entity, active_membership::Entity, Global>;

/// Oldest membership first.
pub(super) fn by_default(pairs: Pairs<'_>) -> Pairs<'_> {
    pairs
        .order_by(Membership::JoinedAt, Order::Asc)
        .order_by(Membership::MembershipId, Order::Asc)
}
