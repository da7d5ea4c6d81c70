//! The statements of operators.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, GlobalRows, KeysetOrder},
    id::{OrganizationId, UserId},
    orm::Order,
    page::{Page, PageError, PageRequest},
    value::search_key,
};

use super::model::{MemberFilter, OrganizationFilter};
use crate::entity::{
    every_membership::{self, Column as Membership},
    organization::{self, Column},
};

/// How many organizations an operator who is no superuser sees.
const VISIBLE: u64 = 10_000;

/// The organizations of an operator who is no superuser, disabled ones included.
pub(super) async fn visible_to(
    rows: &GlobalRows<'_>,
    operator: UserId,
) -> Result<Vec<OrganizationId>, DbError> {
    let found = rows
        .find::<every_membership::Entity>()
        .filter(Membership::UserId.eq(operator))
        .order_by(Membership::OrganizationId, Order::Asc);
    let found = found.limit(VISIBLE).all().await?.into_iter();
    Ok(found.map(|row| row.organization_id).collect())
}

/// Organizations by name, limited to the visible ones if not all are.
pub(super) async fn organizations(
    rows: &GlobalRows<'_>,
    wanted: &OrganizationFilter,
    visible: Option<Vec<OrganizationId>>,
    request: &PageRequest,
) -> Result<Page<organization::Model>, PageError> {
    let by_name = KeysetOrder {
        name: "name of all",
        columns: vec![Column::SortKey, Column::Id],
        order: Order::Asc,
    };
    let mut found = rows
        .find::<organization::Entity>()
        .filter(Column::DeletedAt.eq(None::<Timestamp>));
    if let Some(visible) = visible {
        found = found.filter(Column::Id.is_in(visible));
    }
    if let Some(is_active) = wanted.is_active {
        found = found.filter(Column::IsActive.eq(is_active));
    }
    if let Some(text) = &wanted.text {
        let text = search_key(text);
        let name = Column::SearchKey.contains(&text);
        found = found.filter(Filter::any([name, Column::Slug.contains(&text)]));
    }
    found.page(&by_name, request).await
}

/// Members, ordered by organization, so that a page concerns few organizations.
pub(super) async fn members(
    rows: &GlobalRows<'_>,
    wanted: &MemberFilter,
    visible: Option<Vec<OrganizationId>>,
    request: &PageRequest,
) -> Result<Page<every_membership::Model>, PageError> {
    let by_organization = KeysetOrder {
        name: "organization",
        columns: vec![Membership::OrganizationId, Membership::MembershipId],
        order: Order::Asc,
    };
    let mut found = rows.find::<every_membership::Entity>();
    if let Some(visible) = visible {
        found = found.filter(Membership::OrganizationId.is_in(visible));
    }
    if let Some(organization) = wanted.organization {
        found = found.filter(Membership::OrganizationId.eq(organization));
    }
    if let Some(role) = wanted.role {
        found = found.filter(Membership::Role.eq(role));
    }
    if let Some(person) = &wanted.person {
        let text = search_key(person);
        let name = Membership::PersonKey.contains(&text);
        found = found.filter(Filter::any([name, Membership::Email.contains(&text)]));
    }
    if let Some(organization) = &wanted.organization_text {
        let text = search_key(organization);
        let name = Membership::OrganizationKey.contains(&text);
        found = found.filter(Filter::any([name, Membership::Slug.contains(&text)]));
    }
    found.page(&by_organization, request).await
}

/// Organizations in the order of creation: ids begin with the time.
pub(super) async fn by_age(
    rows: &GlobalRows<'_>,
    request: &PageRequest,
) -> Result<Page<organization::Model>, PageError> {
    let oldest = KeysetOrder {
        name: "created_at",
        columns: vec![Column::Id],
        order: Order::Asc,
    };
    let found = rows
        .find::<organization::Entity>()
        .filter(Column::DeletedAt.eq(None::<Timestamp>));
    found.page(&oldest, request).await
}

/// The oldest organizations, up to `limit`.
pub(super) async fn oldest(
    rows: &GlobalRows<'_>,
    limit: u64,
) -> Result<Vec<organization::Model>, DbError> {
    let found = rows
        .find::<organization::Entity>()
        .filter(Column::DeletedAt.eq(None::<Timestamp>));
    found
        .order_by(Column::Id, Order::Asc)
        .limit(limit)
        .all()
        .await
}

/// An organization that is not being deleted.
pub(super) async fn undeleted(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
) -> Result<Option<organization::Model>, DbError> {
    let found = rows.find::<organization::Entity>();
    let found = found.filter(Column::Id.eq(id));
    found
        .filter(Column::DeletedAt.eq(None::<Timestamp>))
        .one()
        .await
}

/// Stores the state and the limits.
pub(super) async fn update(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
    updated: &organization::Model,
    now: Timestamp,
) -> Result<Option<organization::Model>, DbError> {
    let update = rows
        .update::<organization::Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::IsActive, updated.is_active)
        .set(Column::SeatLimit, updated.seat_limit)
        .set(Column::ProjectLimit, updated.project_limit)
        .set(Column::UpdatedAt, now);
    Ok(update.returning().await?.pop())
}
