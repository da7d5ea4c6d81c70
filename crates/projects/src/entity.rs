//! The `projects` table.

use tenantry_core::{
    clock::Timestamp,
    id::OrganizationId,
    orm as sea_orm,
    orm::*,
    tenant_entity,
    value::{Description, Name},
};

use crate::model::{ProjectId, ProjectStatus};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "projects")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProjectId,
    pub name: Name,
    pub name_key: String,
    pub search_key: String,
    pub sort_key: String,
    pub description: Description,
    pub status: ProjectStatus,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity);
