//! The `organizations` table.

use tenantry_core::{
    clock::Timestamp,
    global_entity,
    id::OrganizationId,
    orm as sea_orm,
    orm::*,
    value::{Name, Slug},
};

use crate::organization::{quotas::model::OrganizationLimits, settings::model::Settings};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organizations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganizationId,
    pub name: Name,
    pub name_key: String,
    pub slug: Slug,
    pub is_active: bool,
    pub settings: Settings,
    pub seat_limit: Option<i32>,
    pub project_limit: Option<i32>,
    pub deleted_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

impl Model {
    pub(crate) fn limits(&self) -> OrganizationLimits {
        let limit = |stored: Option<i32>| stored.and_then(|stored| u32::try_from(stored).ok());
        OrganizationLimits {
            seats: limit(self.seat_limit),
            projects: limit(self.project_limit),
        }
    }
}
