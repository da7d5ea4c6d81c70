//! The parts of queries for a session and its membership.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, Filter, FindWithRelated, Global},
    id::OrganizationId,
    orm::Order,
};
use tenantry_users::SessionLifetime;

use crate::entity::{
    active_membership::{self, Column as Membership},
    live_session::{self, Column as Session},
};

/// The live sessions among those with these keys.
pub(super) fn live_sessions(
    digests: Vec<String>,
    lifetime: &SessionLifetime,
    now: Timestamp,
) -> Filter {
    Filter::all([
        Session::KeyHash.is_in(digests),
        Session::ExpiresAt.gt(now),
        Session::LastSeenAt.gt(lifetime.idle_since(now)),
    ])
}

pub(super) type SessionAndMembership = (live_session::Model, Option<active_membership::Model>);

/// The membership that the session was switched to, or any of them without a switch.
pub(super) fn default_membership() -> Filter {
    Filter::any([
        Session::SelectedOrganization.eq(None::<OrganizationId>),
        Session::SelectedOrganization.eq_column(Membership::OrganizationId),
    ])
}

type Pairs<'r> = FindWithRelated<'r, live_session::Entity, active_membership::Entity, Global>;

/// Oldest membership first.
pub(super) fn order_by_oldest(pairs: Pairs<'_>) -> Pairs<'_> {
    pairs
        .order_by(Membership::JoinedAt, Order::Asc)
        .order_by(Membership::MembershipId, Order::Asc)
}
