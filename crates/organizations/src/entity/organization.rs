//! The `organizations` table.

use tenantry_core::{
    clock::Timestamp,
    global_entity,
    id::OrganizationId,
    orm as sea_orm,
    orm::*,
    quota::QuotaKey,
    value::{Name, Slug},
};

use crate::organization::{
    quotas::model::{OrganizationLimits, PROJECTS, SEATS},
    settings::model::Settings,
};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "organizations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: OrganizationId,
    pub name: Name,
    pub name_key: String,
    pub search_key: String,
    pub sort_key: String,
    pub slug: Slug,
    pub is_active: bool,
    pub settings: Settings,
    /// A setting in a column of its own: every request in the organization reads it.
    pub requires_second_factor: bool,
    pub seat_limit: Option<i32>,
    pub project_limit: Option<i32>,
    pub deleted_at: Option<Timestamp>,
    /// How many memberships ended.
    pub departures: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

global_entity!(Entity);

/// The column that stores the limit of a quota.
pub(crate) fn limit_column(key: QuotaKey) -> Option<Column> {
    match key {
        SEATS => Some(Column::SeatLimit),
        PROJECTS => Some(Column::ProjectLimit),
        _ => None,
    }
}

impl Model {
    pub(crate) fn limit(&self, key: QuotaKey) -> Option<u32> {
        let stored = match key {
            SEATS => self.seat_limit,
            PROJECTS => self.project_limit,
            _ => None,
        };
        stored.and_then(|stored| u32::try_from(stored).ok())
    }

    pub(crate) fn limits(&self) -> OrganizationLimits {
        OrganizationLimits {
            seats: self.limit(SEATS),
            projects: self.limit(PROJECTS),
        }
    }
}
