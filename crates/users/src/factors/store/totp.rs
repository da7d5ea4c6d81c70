//! The table `totp_factors`.

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, GlobalRows},
    define_id, global_entity,
    id::UserId,
    orm as sea_orm,
    orm::*,
};

use crate::factors::SealedSecret;

define_id!(
    /// One authenticator app.
    TotpFactorId
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "totp_factors")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: TotpFactorId,
    pub(crate) user_id: UserId,
    pub(crate) sealed_secret: SealedSecret,
    /// The step of the last code that was used; codes of it and of earlier ones are refused.
    pub(crate) last_step: i64,
    pub(crate) created_at: Timestamp,
    /// `None` until a code of the app confirmed the enrolment.
    pub(crate) confirmed_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

pub(crate) async fn find(rows: &GlobalRows<'_>, user: UserId) -> Result<Option<Model>, DbError> {
    let found = rows.find::<Entity>().filter(Column::UserId.eq(user));
    found.one().await
}

pub(crate) async fn insert(rows: &GlobalRows<'_>, row: Model) -> Result<(), DbError> {
    let inserted = rows.insert::<Entity>(row.into_active_model()).await;
    inserted.map(drop)
}

/// Confirms an enrolment with the step of a code, if it is still the one that was read.
pub(crate) async fn confirm(
    rows: &GlobalRows<'_>,
    read: &Model,
    step: i64,
    now: Timestamp,
) -> Result<bool, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(read.id))
        .filter(Column::ConfirmedAt.eq(None::<Timestamp>))
        .set(Column::LastStep, step)
        .set(Column::ConfirmedAt, now);
    Ok(update.exec().await? > 0)
}

/// Uses the code of a step. Of several at the same time one succeeds.
pub(crate) async fn use_step(
    rows: &GlobalRows<'_>,
    read: &Model,
    step: i64,
) -> Result<bool, DbError> {
    let update = rows
        .update::<Entity>()
        .filter(Column::Id.eq(read.id))
        .filter(Column::LastStep.lt(step))
        .set(Column::LastStep, step);
    Ok(update.exec().await? > 0)
}

pub(crate) async fn delete(rows: &GlobalRows<'_>, user: UserId) -> Result<bool, DbError> {
    let delete = rows.delete::<Entity>().filter(Column::UserId.eq(user));
    Ok(delete.exec().await? > 0)
}
