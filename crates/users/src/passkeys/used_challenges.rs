//! The table `used_passkey_challenges`. A challenge is stored once it succeeded, so that it succeeds once.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, GlobalRows},
    define_id, global_entity, orm as sea_orm,
    orm::*,
};

define_id!(
    /// The random part of one challenge.
    ChallengeId
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "used_passkey_challenges")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: ChallengeId,
    pub(crate) expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

/// Uses a challenge; false if it was used before. Of several requests at the same time one succeeds.
pub(crate) async fn use_once(
    rows: &GlobalRows<'_>,
    id: ChallengeId,
    expires_at: Timestamp,
) -> Result<bool, DbError> {
    let row = Model { id, expires_at };
    match rows.insert::<Entity>(row.into_active_model()).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_duplicate_of("used_passkey_challenges_pkey") => Ok(false),
        Err(error) => Err(error),
    }
}

/// Deletes those that are no longer good anyway.
pub(crate) async fn prune(rows: &GlobalRows<'_>, now: Timestamp) -> Result<(), DbError> {
    let delete = rows.delete::<Entity>().filter(Column::ExpiresAt.lt(now));
    delete.exec().await.map(drop)
}
