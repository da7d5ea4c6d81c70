//! One indexed query: the live session, and the active membership that the source names.

use tenantry_core::{
    access::{Actor, Admission, ContextIssuer, Credential, Question, Refusal},
    clock::Timestamp,
    db::{ColumnFilter as _, Database, DbError, Filter},
    deployment::Deployment,
    orm::Order,
};
use tenantry_users::{SessionDigest, SessionLifetime};

use super::source::{Found, Source, judge, source};
use crate::entity::{
    active_membership::{self, Column as Membership},
    live_session::{self, Column as Session},
};

/// A request that was let in, and when its session was last seen before.
pub(crate) struct Resolved {
    pub(crate) admission: Admission,
    pub(crate) last_seen_at: Timestamp,
}

/// Who is calling, in which organization.
pub(crate) async fn resolve(
    db: &Database,
    issuer: &ContextIssuer,
    deployment: &Deployment,
    lifetime: &SessionLifetime,
    question: &Question,
) -> Result<Resolved, Refusal> {
    let key = match &question.credential {
        None => return Err(Refusal::NotAuthenticated),
        Some(Credential::Authorization) => return Err(Refusal::InvalidCredential),
        Some(Credential::Session(key)) => key,
    };
    let source = source(deployment, question);
    let now = db.sources().now();
    let live = Filter::all([
        Session::KeyHash.eq(SessionDigest::of(key)),
        Session::ExpiresAt.gt(now),
        Session::LastSeenAt.gt(lifetime.idle_since(now)),
    ]);
    let found = find(db, &source, live).await?;
    let (session, membership) = found.ok_or(Refusal::InvalidCredential)?;
    let member_of = membership.as_ref().map(|membership| &membership.slug);
    let found = Found {
        selected: session.selected_organization,
        member_of,
    };
    judge(&source, &found)?;

    let caller = issuer.caller(session.user_id, session.session_id, question.request);
    let tenant = membership.map(|found| {
        let actor = Actor::from(&caller);
        issuer.tenant(found.organization_id, found.user_id, found.role, actor)
    });
    Ok(Resolved {
        admission: Admission { caller, tenant },
        last_seen_at: session.last_seen_at,
    })
}

type SessionAndMembership = (live_session::Model, Option<active_membership::Model>);

async fn find(
    db: &Database,
    source: &Source,
    live: Filter,
) -> Result<Option<SessionAndMembership>, DbError> {
    let rows = db.read_global();
    let sessions = rows.find::<live_session::Entity>().filter(live);
    let named = match source {
        Source::Nothing | Source::Nowhere => {
            let session = sessions.one().await?;
            return Ok(session.map(|session| (session, None)));
        }
        Source::Slug(slug) => Membership::Slug.eq(slug.clone()),
        Source::Path { id, .. } => Membership::OrganizationId.eq(*id),
        Source::DedicatedPath { id, only } => Membership::OrganizationId
            .eq(*id)
            .and(Membership::Slug.eq(only.clone())),
        Source::SessionOrDefault => Filter::any([
            Session::SelectedOrganization.eq(None::<tenantry_core::id::OrganizationId>),
            Session::SelectedOrganization.same_as(Membership::OrganizationId),
        ]),
    };
    sessions
        .also::<active_membership::Entity>()
        .on(named)
        .order_by(Membership::JoinedAt, Order::Asc)
        .order_by(Membership::MembershipId, Order::Asc)
        .one()
        .await
}
