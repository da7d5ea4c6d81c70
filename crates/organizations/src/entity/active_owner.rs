//! The `active_owners` view: owners whose account is active, in every organization.

use tenantry_core::{
    global_entity,
    id::{MembershipId, OrganizationId, UserId},
    orm as sea_orm,
    orm::*,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "active_owners")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub membership_id: MembershipId,
    pub organization_id: OrganizationId,
    pub user_id: UserId,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(
    Entity,
    cross_tenant: "a user to disable may be the last owner of several organizations"
);
