//! The one ordered list.

use sea_orm_migration::prelude::*;

/// Every migration, in the order in which they are applied.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(crate::domain_events_0001_log::Migration),
            Box::new(crate::users_0001_accounts::Migration),
            Box::new(crate::organizations_0001_organizations::Migration),
            Box::new(crate::projects_0001_projects::Migration),
            Box::new(crate::users_0002_credentials::Migration),
            Box::new(crate::organizations_0002_life::Migration),
            Box::new(crate::projects_0002_usage::Migration),
            Box::new(crate::organizations_0003_operators::Migration),
            Box::new(crate::organizations_0004_held_tokens::Migration),
            Box::new(crate::domain_events_0002_retention::Migration),
            Box::new(crate::organizations_0005_limited::Migration),
        ]
    }
}
