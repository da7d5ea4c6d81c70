//! The `api_tokens` table.

use tenantry_core::{
    clock::Timestamp,
    id::{MembershipId, OrganizationId, TokenId, UserId},
    orm as sea_orm,
    orm::*,
    tenant_entity,
    value::Name,
};

use crate::tokens::secret::TokenDigest;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: TokenId,
    pub membership_id: MembershipId,
    pub user_id: UserId,
    /// The epoch of its owner's credentials when it was created; in another epoch it is invalid.
    pub credential_epoch: i64,
    pub name: Name,
    pub secret_hash: TokenDigest,
    pub last_four: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

tenant_entity!(Entity);
