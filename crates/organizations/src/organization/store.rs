//! The statements on organizations and on the memberships of a user.

use tenantry_core::{
    access::Caller,
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, Filter, GlobalRows, KeysetOrder},
    id::{OrganizationId, SessionId, UserId},
    orm::{Order, Set},
    page::{Page, PageError, PageRequest},
    quota::QuotaKey,
    value::{Name, Slug, search_key},
};

use super::{
    model::{MyOrganization, Organization},
    settings::model::Settings,
};
use crate::entity::{
    active_membership, live_session,
    organization::{self, limit_column},
    retired_slug,
};

impl From<organization::Model> for Organization {
    fn from(row: organization::Model) -> Self {
        Self {
            is_active: row.is_active,
            limits: row.limits(),
            created_at: row.created_at,
            deleted_at: row.deleted_at,
            id: row.id,
            name: row.name,
            slug: row.slug,
        }
    }
}

impl From<active_membership::Model> for MyOrganization {
    fn from(row: active_membership::Model) -> Self {
        Self {
            id: row.organization_id,
            name: row.name,
            slug: row.slug,
            role: row.role,
            created_at: row.created_at,
        }
    }
}

pub(crate) async fn insert_organization(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
    name: &Name,
    slug: Slug,
    now: Timestamp,
) -> Result<Organization, DbError> {
    let row = organization::ActiveModel {
        id: Set(id),
        name: Set(name.clone()),
        name_key: Set(name.lower_case()),
        search_key: Set(name.search_key()),
        sort_key: Set(name.sort_key()),
        slug: Set(slug),
        is_active: Set(true),
        settings: Set(Settings::default()),
        requires_second_factor: Set(false),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(rows.insert::<organization::Entity>(row).await?.into())
}

/// The organization, locked until the unit of work ends.
pub(crate) async fn lock_organization(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
) -> Result<Option<organization::Model>, DbError> {
    let found = rows
        .find::<organization::Entity>()
        .filter(organization::Column::Id.eq(id));
    found.for_update().one().await
}

/// The organizations, which are in the order of their ids, locked in that order until the unit of work
/// ends.
pub(crate) async fn lock_organizations(
    rows: &GlobalRows<'_>,
    ids: &[OrganizationId],
) -> Result<Vec<organization::Model>, DbError> {
    /// The maximum in one statement.
    const MAX_ORGANIZATIONS: usize = 500;

    let mut locked = Vec::with_capacity(ids.len());
    for some in ids.chunks(MAX_ORGANIZATIONS) {
        let found = rows
            .find::<organization::Entity>()
            .filter(organization::Column::Id.is_in(some.iter().copied()))
            .order_by(organization::Column::Id, Order::Asc);
        locked.extend(found.for_update().all().await?);
    }
    Ok(locked)
}

/// The organization's limit, with the organization locked if there is one. A quota that no column
/// stores has none; the registry refuses to register such a quota.
pub(crate) async fn lock_quota_row(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
    key: QuotaKey,
) -> Result<Option<u32>, DbError> {
    use organization::Column;

    let Some(column) = limit_column(key) else {
        return Ok(None);
    };
    let found = rows
        .find::<organization::Entity>()
        .filter(Column::Id.eq(id))
        .filter(column.ne(None::<i32>));
    let locked = found.for_update().one().await?;
    Ok(locked.and_then(|row| row.limit(key)))
}

/// The organization, even if it is disabled or being deleted.
pub(crate) async fn organization(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
) -> Result<Option<organization::Model>, DbError> {
    let found = rows
        .find::<organization::Entity>()
        .filter(organization::Column::Id.eq(id));
    found.one().await
}

pub(crate) async fn set_settings(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
    settings: Settings,
    requires_second_factor: bool,
    now: Timestamp,
) -> Result<(), DbError> {
    use organization::Column;

    let update = rows
        .update::<organization::Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::Settings, settings)
        .set(Column::RequiresSecondFactor, requires_second_factor)
        .set(Column::UpdatedAt, now);
    update.exec().await.map(drop)
}

/// Whether the slug is still in quarantine.
pub(crate) async fn is_retired(
    rows: &GlobalRows<'_>,
    slug: &Slug,
    now: Timestamp,
) -> Result<bool, DbError> {
    let found = rows
        .find::<retired_slug::Entity>()
        .filter(retired_slug::Column::Slug.eq(slug.clone()))
        .filter(retired_slug::Column::Until.gt(now));
    found.exists().await
}

pub(crate) async fn rename(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
    name: &Name,
    now: Timestamp,
) -> Result<bool, DbError> {
    use organization::Column;

    let update = rows
        .update::<organization::Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::Name, name.clone())
        .set(Column::NameKey, name.lower_case())
        .set(Column::SearchKey, name.search_key())
        .set(Column::SortKey, name.sort_key())
        .set(Column::UpdatedAt, now);
    Ok(update.exec().await? > 0)
}

pub(crate) async fn organizations(
    rows: &GlobalRows<'_>,
    request: &PageRequest,
) -> Result<Page<Organization>, PageError> {
    use organization::Column;

    let by_name = KeysetOrder {
        name: "name",
        columns: vec![Column::SortKey, Column::Id],
        order: Order::Asc,
    };
    let found = rows.find::<organization::Entity>();
    let page = found.page(&by_name, request).await?;
    Ok(page.map(Organization::from))
}

pub(crate) async fn organization_by_id(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
) -> Result<Option<Organization>, DbError> {
    let found = rows
        .find::<organization::Entity>()
        .filter(organization::Column::Id.eq(id));
    Ok(found.one().await?.map(Organization::from))
}

pub(crate) async fn organization_by_slug(
    rows: &GlobalRows<'_>,
    slug: &Slug,
) -> Result<Option<Organization>, DbError> {
    let found = rows
        .find::<organization::Entity>()
        .filter(organization::Column::Slug.eq(slug.clone()));
    Ok(found.one().await?.map(Organization::from))
}

/// One page of the caller's organizations; limited to the one of a dedicated deployment, and to
/// the one of the caller's token.
pub(crate) async fn own_organizations(
    rows: &GlobalRows<'_>,
    caller: &Caller,
    only: Option<&Slug>,
    text: Option<&str>,
    request: &PageRequest,
) -> Result<Page<MyOrganization>, PageError> {
    use active_membership::Column;

    let by_name = KeysetOrder {
        name: "name",
        columns: vec![Column::SortKey, Column::OrganizationId],
        order: Order::Asc,
    };
    let user = caller.user();
    let mut found = rows
        .find::<active_membership::Entity>()
        .filter(Column::UserId.eq(user));
    if let Some(slug) = only {
        found = found.filter(Column::Slug.eq(slug.clone()));
    }
    if let Some(bound) = caller.restricted_to() {
        found = found.filter(Column::OrganizationId.eq(bound));
    }
    if let Some(text) = text {
        let text = search_key(text);
        let name = Column::SearchKey.contains(&text);
        found = found.filter(Filter::any([name, Column::Slug.contains(&text)]));
    }
    let page = found
        .page_for_owner(Some(user.uuid()), &by_name, request)
        .await?;
    Ok(page.map(MyOrganization::from))
}

/// Up to `limit` organizations of the user, in the order of joining; limited to the one of a dedicated
/// deployment, and to the one of a token.
pub(crate) async fn oldest_memberships(
    rows: &GlobalRows<'_>,
    user: UserId,
    bound: Option<OrganizationId>,
    only: Option<&Slug>,
    limit: usize,
) -> Result<Vec<MyOrganization>, DbError> {
    use active_membership::Column;

    let mut found = rows
        .find::<active_membership::Entity>()
        .filter(Column::UserId.eq(user));
    if let Some(slug) = only {
        found = found.filter(Column::Slug.eq(slug.clone()));
    }
    if let Some(bound) = bound {
        found = found.filter(Column::OrganizationId.eq(bound));
    }
    let found = found
        .order_by(Column::JoinedAt, Order::Asc)
        .order_by(Column::MembershipId, Order::Asc);
    let found = found.limit(limit as u64).all().await?.into_iter();
    Ok(found.map(MyOrganization::from).collect())
}

pub(crate) async fn membership(
    rows: &GlobalRows<'_>,
    organization: OrganizationId,
    user: UserId,
) -> Result<Option<MyOrganization>, DbError> {
    use active_membership::Column;

    let found = rows
        .find::<active_membership::Entity>()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::UserId.eq(user));
    Ok(found.one().await?.map(MyOrganization::from))
}

/// The organization that the session was switched to.
pub(crate) async fn selected_organization(
    rows: &GlobalRows<'_>,
    session: SessionId,
) -> Result<Option<OrganizationId>, DbError> {
    let found = rows
        .find::<live_session::Entity>()
        .filter(live_session::Column::SessionId.eq(session));
    Ok(found.one().await?.and_then(|row| row.selected_organization))
}
