//! The `project_usage` view: the projects of each organization.

use tenantry_core::{clock::Timestamp, global_entity, id::OrganizationId, orm as sea_orm, orm::*};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "project_usage")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    pub projects: i64,
    pub last_activity: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(
    Entity,
    cross_tenant: "the report on all organizations counts, and reads no row"
);
