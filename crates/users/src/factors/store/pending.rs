//! The table `pending_logins`.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, GlobalRows},
    define_id, global_entity,
    id::UserId,
    orm as sea_orm,
    orm::*,
};

use crate::factors::{MAX_ATTEMPTS, PendingDigest};

define_id!(
    /// One login that waits for the second factor.
    PendingLoginId
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pending_logins")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: PendingLoginId,
    pub(crate) key_hash: PendingDigest,
    pub(crate) user_id: UserId,
    /// The account's epoch at the login: a password that was changed since makes it useless.
    pub(crate) credential_epoch: i64,
    /// How many codes were tried.
    pub(crate) attempts: i64,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

pub(crate) async fn insert(rows: &GlobalRows<'_>, row: Model) -> Result<(), DbError> {
    let inserted = rows.insert::<Entity>(row.into_active_model()).await;
    inserted.map(drop)
}

/// The login with that key, if it can still be completed.
pub(crate) async fn find(
    rows: &GlobalRows<'_>,
    key: PendingDigest,
    now: Timestamp,
) -> Result<Option<Model>, DbError> {
    let found = rows
        .find::<Entity>()
        .filter(Column::KeyHash.eq(key))
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::Attempts.lt(MAX_ATTEMPTS));
    found.one().await
}

/// Counts an attempt; false if there were too many, or the login is over.
pub(crate) async fn count_attempt(
    rows: &GlobalRows<'_>,
    id: PendingLoginId,
    now: Timestamp,
) -> Result<bool, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(id))
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::Attempts.lt(MAX_ATTEMPTS))
        .add(Column::Attempts, 1);
    Ok(update.exec().await? > 0)
}

pub(crate) async fn delete(rows: &GlobalRows<'_>, id: PendingLoginId) -> Result<(), DbError> {
    let delete = rows.delete::<Entity>().filter(Column::Id.eq(id));
    delete.exec().await.map(drop)
}

pub(crate) async fn delete_all(rows: &GlobalRows<'_>, user: UserId) -> Result<(), DbError> {
    let delete = rows.delete::<Entity>().filter(Column::UserId.eq(user));
    delete.exec().await.map(drop)
}

/// Deletes the logins of the user that were not completed in time.
pub(crate) async fn delete_expired(
    rows: &GlobalRows<'_>,
    user: UserId,
    now: Timestamp,
) -> Result<(), DbError> {
    let delete = rows
        .delete::<Entity>()
        .filter(Column::UserId.eq(user))
        .filter(Column::ExpiresAt.gt(now).not());
    delete.exec().await.map(drop)
}
