//! The `known_memberships` view: all memberships, for operators.

use tenantry_core::{
    access::Role,
    clock::Timestamp,
    global_entity,
    id::{MembershipId, OrganizationId, UserId},
    orm as sea_orm,
    orm::*,
    value::{Name, Slug},
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "known_memberships")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub membership_id: MembershipId,
    pub user_id: UserId,
    pub role: Role,
    pub joined_at: Timestamp,
    pub name: Name,
    pub slug: Slug,
    pub organization_key: String,
    pub email: String,
    pub person_key: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(
    Entity,
    cross_tenant: "operators search members of all organizations that they may see"
);
