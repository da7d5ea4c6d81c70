//! The `retired_slugs` table: slugs in quarantine.

use tenantry_core::{clock::Timestamp, global_entity, orm as sea_orm, orm::*, value::Slug};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "retired_slugs")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: Slug,
    pub until: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);
