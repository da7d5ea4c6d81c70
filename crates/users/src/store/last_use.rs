//! The view `account_last_use`: when each account used one of its sessions last.

use std::collections::HashMap;

use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, DbError, GlobalRows},
    global_entity,
    id::UserId,
    orm as sea_orm,
    orm::*,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account_last_use")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    pub(crate) last_seen_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

/// Those of these accounts that have a session.
pub(crate) async fn of(
    rows: &GlobalRows<'_>,
    users: &[UserId],
) -> Result<HashMap<UserId, Timestamp>, DbError> {
    if users.is_empty() {
        return Ok(HashMap::new());
    }
    let users = users.iter().copied();
    let found = rows.find::<Entity>().filter(Column::UserId.is_in(users));
    let found = found.all().await?.into_iter();
    Ok(found.map(|row| (row.user_id, row.last_seen_at)).collect())
}
