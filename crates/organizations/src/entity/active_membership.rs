//! The `active_memberships` view: memberships in active organizations.

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
#[sea_orm(table_name = "active_memberships")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub membership_id: MembershipId,
    pub user_id: UserId,
    pub role: Role,
    pub joined_at: Timestamp,
    pub organization_id: OrganizationId,
    pub name: Name,
    pub search_key: String,
    pub sort_key: String,
    pub slug: Slug,
    pub created_at: Timestamp,
    /// Whether the organization has a limit.
    pub is_limited: bool,
    /// Whether the organization requires a second factor of its members.
    pub requires_second_factor: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(
    Entity,
    cross_tenant: "a request's organization is chosen from the memberships of its user"
);
