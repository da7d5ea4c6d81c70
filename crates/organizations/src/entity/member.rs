//! The `organization_members` table.

use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::{MembershipId, OrganizationId, UserId},
    orm as sea_orm,
    orm::*,
    tenant_entity,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organization_members")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MembershipId,
    pub user_id: UserId,
    pub role: Role,
    pub invited_by: Option<UserId>,
    pub invited_at: Option<Timestamp>,
    pub joined_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity);
