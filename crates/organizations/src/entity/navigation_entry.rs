//! The `navigation_entries` view: a person with each membership in an active organization; one row
//! without a membership for a person who has none.

use tenantry_core::{
    access::Role,
    clock::Timestamp,
    global_entity,
    id::{MembershipId, OrganizationId, UserId},
    orm as sea_orm,
    orm::*,
    value::{Name, Slug},
};
use tenantry_users::Email;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "navigation_entries")]
pub(crate) struct Model {
    /// The membership's id, else the person's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MembershipId,
    pub user_id: UserId,
    pub user_name: Name,
    pub email: Email,
    pub is_operator: bool,
    pub role: Option<Role>,
    pub joined_at: Option<Timestamp>,
    pub organization_id: Option<OrganizationId>,
    pub name: Option<Name>,
    pub slug: Option<Slug>,
    pub created_at: Option<Timestamp>,
    /// The time zone of the organization's preferences, if it set one.
    pub timezone: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(
    Entity,
    cross_tenant: "the head of a page shows the organizations of its reader"
);
