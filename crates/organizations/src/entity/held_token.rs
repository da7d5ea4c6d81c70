//! The `held_tokens` view: tokens whose owner kept his credentials since, those of disabled
//! organizations among them. Whether one has expired is for the asker's clock.

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
    cross_tenant: "with a password, a person's tokens end in all of his organizations"
);
