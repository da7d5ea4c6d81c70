//! The `live_tokens` view: tokens of active members of active organizations that were not revoked
//! with their owner's credentials. Queries compare the expiry with the injected clock.

use tenantry_core::{
    access::Role,
    clock::Timestamp,
    global_entity,
    id::{MembershipId, OrganizationId, TokenId, UserId},
    orm as sea_orm,
    orm::*,
    value::{Name, Slug},
};

use crate::tokens::secret::TokenDigest;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "live_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_id: TokenId,
    pub secret_hash: TokenDigest,
    pub token_name: Name,
    pub last_four: String,
    pub token_created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub user_id: UserId,
    pub membership_id: MembershipId,
    pub role: Role,
    pub organization_id: OrganizationId,
    pub slug: Slug,
    /// Whether the organization has a limit.
    pub is_limited: bool,
    /// Whether its owner's address is confirmed.
    pub email_verified: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(
    Entity,
    cross_tenant: "a token determines its organization, and its owner lists the tokens of all organizations"
);
