//! The `open_invitations` view: the invitations of active organizations, with the current role of
//! the inviter.

use tenantry_core::{
    access::Role,
    clock::Timestamp,
    global_entity,
    id::{InvitationId, OrganizationId, UserId},
    orm as sea_orm,
    orm::*,
    value::{Name, Slug},
};
use tenantry_users::Email;

use crate::membership::invitations::secret::InvitationDigest;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "open_invitations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub invitation_id: InvitationId,
    pub secret_hash: InvitationDigest,
    pub organization_id: OrganizationId,
    pub email: Option<Email>,
    pub role: Role,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub max_uses: i32,
    pub uses: i32,
    pub revoked_at: Option<Timestamp>,
    pub accepted_at: Option<Timestamp>,
    pub invited_by: UserId,
    /// `None` if the inviter is no active member any more.
    pub inviter_role: Option<Role>,
    pub name: Name,
    pub slug: Slug,
    /// How many memberships of the organization had ended when it was sent last.
    pub departures: i64,
    pub mail_hash: Option<InvitationDigest>,
    pub mail_number: i64,
    pub declined_at: Option<Timestamp>,
    /// Whether the account with its address is a member.
    pub has_joined: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(
    Entity,
    cross_tenant: "an invited user has the secret and no membership yet"
);
