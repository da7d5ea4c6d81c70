//! The `invitations` table.

use tenantry_core::{
    access::Role,
    clock::Timestamp,
    id::{InvitationId, OrganizationId, UserId},
    orm as sea_orm,
    orm::*,
    tenant_entity,
};
use tenantry_users::Email;

use crate::membership::invitations::secret::InvitationDigest;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: InvitationId,
    /// A link has no address.
    pub email: Option<Email>,
    pub role: Role,
    pub secret_hash: InvitationDigest,
    pub invited_by: UserId,
    pub created_at: Timestamp,
    pub sent_at: Timestamp,
    pub expires_at: Timestamp,
    pub max_uses: i32,
    pub uses: i32,
    pub revoked_at: Option<Timestamp>,
    /// When it was used for the last time it allows.
    pub accepted_at: Option<Timestamp>,
    /// How many memberships of the organization had ended when it was sent last.
    pub departures: i64,
    /// The digest of the secret that is mailed, beside the one that the inviter sees.
    pub mail_hash: Option<InvitationDigest>,
    /// How often one was made.
    pub mail_number: i64,
    /// When the owner of the address declined it.
    pub declined_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity);
