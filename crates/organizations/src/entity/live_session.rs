//! The `live_sessions` view of the users module: sessions of active accounts, for the query that
//! authorizes a request.

use tenantry_core::{
    clock::Timestamp,
    global_entity,
    id::{OrganizationId, SessionId, UserId},
    orm as sea_orm,
    orm::*,
};

use super::active_membership;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "live_sessions")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub session_id: SessionId,
    pub key_hash: String,
    pub selected_organization: Option<OrganizationId>,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub user_id: UserId,
    pub is_staff: bool,
    pub is_superuser: bool,
    pub email_verified: bool,
    pub second_factor_at: Option<Timestamp>,
    pub has_second_factor: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {
    #[sea_orm(
        belongs_to = "super::active_membership::Entity",
        from = "Column::UserId",
        to = "super::active_membership::Column::UserId"
    )]
    Membership,
}

impl Related<active_membership::Entity> for Entity {
    fn to() -> RelationDef {
        Relation::Membership.def()
    }
}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);
