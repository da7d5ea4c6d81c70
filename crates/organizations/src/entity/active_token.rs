//! The `held_tokens` view: tokens that were not revoked with their owner's credentials, those of
//! disabled organizations included. Queries compare the expiry with the injected clock.

use tenantry_core::{
    clock::Timestamp,
    global_entity,
    id::{OrganizationId, TokenId, UserId},
    orm as sea_orm,
    orm::*,
    value::Name,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "held_tokens")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub organization_id: OrganizationId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_id: TokenId,
    pub user_id: UserId,
    pub token_name: Name,
    pub last_four: String,
    pub expires_at: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(
    Entity,
    cross_tenant: "a new password revokes a user's tokens in all organizations"
);
