//! The `member_profiles` view: members with the data of their accounts.

use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::{MembershipId, OrganizationId, UserId},
    orm as sea_orm,
    orm::*,
    tenant_entity,
    value::Name,
};
use tenantry_users::Email;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "member_profiles")]
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
    pub email: Email,
    pub name: Name,
    pub search_key: String,
    pub is_active: bool,
    pub email_verified: bool,
    pub has_second_factor: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity);
