//! The table `recovery_codes`. A code that was used is deleted.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, GlobalRows},
    define_id, global_entity,
    id::UserId,
    orm as sea_orm,
    orm::*,
};

use crate::factors::RecoveryDigest;

define_id!(
    /// One recovery code.
    RecoveryCodeId
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "recovery_codes")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: RecoveryCodeId,
    pub(crate) user_id: UserId,
    pub(crate) code_hash: RecoveryDigest,
    pub(crate) created_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

pub(crate) async fn insert(rows: &GlobalRows<'_>, row: Model) -> Result<(), DbError> {
    let inserted = rows.insert::<Entity>(row.into_active_model()).await;
    inserted.map(drop)
}

pub(crate) async fn count(rows: &GlobalRows<'_>, user: UserId) -> Result<u64, DbError> {
    let found = rows.find::<Entity>().filter(Column::UserId.eq(user));
    found.count().await
}

/// Uses a code of the user. Of several requests with the same code one succeeds.
pub(crate) async fn use_once(
    rows: &GlobalRows<'_>,
    user: UserId,
    code: RecoveryDigest,
) -> Result<bool, DbError> {
    let delete = rows
        .delete::<Entity>()
        .filter(Column::UserId.eq(user))
        .filter(Column::CodeHash.eq(code));
    Ok(delete.exec().await? > 0)
}

pub(crate) async fn delete_all(rows: &GlobalRows<'_>, user: UserId) -> Result<(), DbError> {
    let delete = rows.delete::<Entity>().filter(Column::UserId.eq(user));
    delete.exec().await.map(drop)
}
