//! The list: every migration there is, in the order in which they run.

use sea_orm_migration::prelude::*;

/// All migrations, oldest first. A published one never changes and never moves.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(crate::users_0001_accounts::Migration),
            Box::new(crate::organizations_0001_organizations::Migration),
            Box::new(crate::projects_0001_projects::Migration),
        ]
    }
}
