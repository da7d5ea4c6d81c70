//! The statements on departures.

use tenantry_core::{
    db::{ColumnFilter as _, DbError, GlobalRows, TenantRows},
    id::{OrganizationId, UserId, Uuid},
    orm::{Order, Set},
    value::Slug,
};

use crate::entity::{
    departed_user,
    former_member::{self, Column},
    organization,
};

/// Counts a departure, and returns its number in the organization.
pub(super) async fn next_departure(
    rows: &GlobalRows<'_>,
    organization: OrganizationId,
) -> Result<i64, DbError> {
    let update = rows
        .update::<organization::Entity>()
        .filter(organization::Column::Id.eq(organization))
        .add(organization::Column::Departures, 1);
    let counted = update.returning().await?.pop();
    Ok(counted.map_or(0, |row| row.departures))
}

/// How many memberships of the organization ended.
pub(crate) async fn departures(
    rows: &GlobalRows<'_>,
    organization: OrganizationId,
) -> Result<i64, DbError> {
    let found = rows
        .find::<organization::Entity>()
        .filter(organization::Column::Id.eq(organization));
    Ok(found.one().await?.map_or(0, |row| row.departures))
}

/// Stores the user's last departure; `id` is for the first one.
pub(super) async fn set_departure(
    rows: &TenantRows<'_>,
    id: Uuid,
    user: UserId,
    number: i64,
) -> Result<(), DbError> {
    let update = rows
        .update::<former_member::Entity>()
        .filter(Column::UserId.eq(user))
        .set(Column::Departure, number);
    if update.exec().await? > 0 {
        return Ok(());
    }
    let row = former_member::ActiveModel {
        id: Set(id),
        user_id: Set(user),
        departure: Set(number),
        ..Default::default()
    };
    rows.insert::<former_member::Entity>(row).await.map(drop)
}

/// The number of the user's last departure; `None` for a person who never left.
pub(crate) async fn departure(rows: &TenantRows<'_>, user: UserId) -> Result<Option<i64>, DbError> {
    let found = rows
        .find::<former_member::Entity>()
        .filter(Column::UserId.eq(user));
    Ok(found.one().await?.map(|row| row.departure))
}

/// Up to `limit` former members.
pub(crate) async fn former_members(
    rows: &TenantRows<'_>,
    limit: u64,
) -> Result<Vec<former_member::Model>, DbError> {
    let found = rows
        .find::<former_member::Entity>()
        .order_by(Column::Id, Order::Asc);
    found.limit(limit).all().await
}

pub(crate) async fn delete_former_members(
    rows: &TenantRows<'_>,
    ids: impl Iterator<Item = Uuid>,
) -> Result<(), DbError> {
    let delete = rows
        .delete::<former_member::Entity>()
        .filter(Column::Id.is_in(ids));
    delete.exec().await.map(drop)
}

/// Whether the user does not join the organization of that slug automatically.
pub(super) async fn has_departed(
    rows: &GlobalRows<'_>,
    slug: &Slug,
    user: UserId,
) -> Result<bool, DbError> {
    let found = rows
        .find::<departed_user::Entity>()
        .filter(departed_user::Column::Slug.eq(slug.clone()))
        .filter(departed_user::Column::UserId.eq(user));
    found.exists().await
}

/// Stores that these users don't join the organization of that slug automatically: they had left it, or
/// were operators.
pub(crate) async fn insert_departed(
    rows: &GlobalRows<'_>,
    slug: &Slug,
    users: &[UserId],
) -> Result<(), DbError> {
    // Some may have left its predecessor, too.
    delete_departed(rows, slug, users).await?;
    let departed = users.iter().map(|user| departed_user::ActiveModel {
        slug: Set(slug.clone()),
        user_id: Set(*user),
    });
    let inserted = rows.insert_many::<departed_user::Entity>(departed.collect());
    inserted.await.map(drop)
}

pub(crate) async fn delete_departed(
    rows: &GlobalRows<'_>,
    slug: &Slug,
    users: &[UserId],
) -> Result<(), DbError> {
    let delete = rows
        .delete::<departed_user::Entity>()
        .filter(departed_user::Column::Slug.eq(slug.clone()))
        .filter(departed_user::Column::UserId.is_in(users.iter().copied()));
    delete.exec().await.map(drop)
}
