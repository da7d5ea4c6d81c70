//! The `departed_users` table: who does not join the organization of a dedicated deployment
//! automatically. These are the former members of its deleted predecessor, and operators who were
//! skipped.

use tenantry_core::{global_entity, id::UserId, orm as sea_orm, orm::*, value::Slug};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "departed_users")]
pub(crate) struct Model {
    /// The slug of the organization; its successor has the same.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: Slug,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: UserId,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);
