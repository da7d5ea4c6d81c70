//! The `active_users` view of the users module: users who may sign in, with the epoch of their
//! credentials.

use tenantry_core::{global_entity, id::UserId, orm as sea_orm, orm::*};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "active_users")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
    pub credential_epoch: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);
