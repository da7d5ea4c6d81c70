//! The `sent_invitations` view: open invitations, those of disabled organizations included. Queries
//! compare the expiry with the injected clock.

use tenantry_core::{
    clock::Timestamp,
    global_entity,
    id::{InvitationId, OrganizationId, UserId},
    orm as sea_orm,
    orm::*,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "sent_invitations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub invitation_id: InvitationId,
    pub invited_by: UserId,
    pub expires_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(
    Entity,
    cross_tenant: "a user who is disabled loses the invitations sent in all organizations"
);
