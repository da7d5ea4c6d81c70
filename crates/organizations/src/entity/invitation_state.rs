//! The `invitation_states` view: invitations with what keeps them from being accepted.

use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::{InvitationId, OrganizationId, UserId},
    orm as sea_orm,
    orm::*,
    tenant_entity,
};
use tenantry_users::Email;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation_states")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    pub email: Option<Email>,
    pub role: Role,
    pub invited_by: UserId,
    pub created_at: Timestamp,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub max_uses: i32,
    pub uses: i32,
    pub revoked_at: Option<Timestamp>,
    pub accepted_at: Option<Timestamp>,
    /// `None` if the inviter is no active member any more.
    pub inviter_role: Option<Role>,
    /// Whether the account with its address is a member.
    pub has_joined: bool,
    pub declined_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity);
