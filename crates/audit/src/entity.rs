//! The table `event_log`, scoped to one organization.

use tenantry_core::{
    clock::Timestamp,
    id::{EventId, OrganizationId, TokenId, UserId, Uuid},
    orm as sea_orm,
    orm::*,
    tenant_entity,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "event_log")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) stream_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: i64,
    pub(crate) id: EventId,
    pub(crate) organization_id: OrganizationId,
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

tenant_entity!(Entity);
