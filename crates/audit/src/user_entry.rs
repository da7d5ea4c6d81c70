//! The view `personal_events`: events of users outside of organizations.

use tenantry_core::{
    clock::Timestamp,
    global_entity,
    id::{EventId, TokenId, UserId, Uuid},
    orm as sea_orm,
    orm::*,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "personal_events")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i64,
    pub(crate) id: EventId,
    pub(crate) name: String,
    pub(crate) actor_id: Option<UserId>,
    pub(crate) request_id: Option<Uuid>,
    pub(crate) occurred_at: Timestamp,
    pub(crate) payload: serde_json::Value,
    pub(crate) acted_by: Option<String>,
    pub(crate) token_id: Option<TokenId>,
    pub(crate) token_name: Option<String>,
    pub(crate) changes: Option<serde_json::Value>,
    pub(crate) client_address: Option<String>,
    pub(crate) client_program: Option<String>,
    pub(crate) actor_name: Option<String>,
    pub(crate) actor_email: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);
