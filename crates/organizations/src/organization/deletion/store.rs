//! The statements of deletion.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, GlobalRows, TenantRows},
    id::{MembershipId, OrganizationId},
    orm::{Order, Set},
    value::Slug,
};

use crate::entity::{
    member,
    organization::{self, Column},
    retired_slug,
};

/// Marks the organization and disables it.
pub(super) async fn mark_for_deletion(
    rows: &GlobalRows<'_>,
    id: OrganizationId,
    now: Timestamp,
) -> Result<(), DbError> {
    let update = rows
        .update::<organization::Entity>()
        .filter(Column::Id.eq(id))
        .set(Column::IsActive, false)
        .set(Column::DeletedAt, now)
        .set(Column::UpdatedAt, now);
    update.exec().await.map(drop)
}

/// The marked organizations.
pub(super) async fn pending_deletions(
    rows: &GlobalRows<'_>,
) -> Result<Vec<organization::Model>, DbError> {
    let found = rows
        .find::<organization::Entity>()
        .filter(Column::DeletedAt.ne(None::<Timestamp>));
    found.order_by(Column::Id, Order::Asc).all().await
}

/// Up to `limit` members.
pub(super) async fn members(
    rows: &TenantRows<'_>,
    limit: u64,
) -> Result<Vec<member::Model>, DbError> {
    let found = rows
        .find::<member::Entity>()
        .order_by(member::Column::Id, Order::Asc);
    found.limit(limit).all().await
}

pub(super) async fn delete_members(
    rows: &TenantRows<'_>,
    ids: impl Iterator<Item = MembershipId>,
) -> Result<(), DbError> {
    let delete = rows
        .delete::<member::Entity>()
        .filter(member::Column::Id.is_in(ids));
    delete.exec().await.map(drop)
}

/// Deletes the organization; rows that a concurrent request wrote go with it by foreign keys.
pub(super) async fn delete(rows: &GlobalRows<'_>, id: OrganizationId) -> Result<(), DbError> {
    let delete = rows
        .delete::<organization::Entity>()
        .filter(Column::Id.eq(id));
    delete.exec().await.map(drop)
}

/// Quarantines a slug until then.
pub(super) async fn retire(
    rows: &GlobalRows<'_>,
    slug: Slug,
    until: Timestamp,
) -> Result<(), DbError> {
    let former = rows
        .delete::<retired_slug::Entity>()
        .filter(retired_slug::Column::Slug.eq(slug.clone()));
    former.exec().await?;
    let row = retired_slug::ActiveModel {
        slug: Set(slug),
        until: Set(until),
    };
    rows.insert::<retired_slug::Entity>(row).await.map(drop)
}
