//! The one ordered list of migrations, and a file for each.

mod domain_events_0001_log;
mod domain_events_0002_retention;
mod domain_events_0003_details;
mod domain_events_0004_jobs;
mod migrations_0001_compatibility;
mod organizations_0001_organizations;
mod organizations_0002_life;
mod organizations_0003_operators;
mod organizations_0004_held_tokens;
mod organizations_0005_limited;
mod organizations_0006_departures;
mod organizations_0007_lists;
mod organizations_0008_navigation;
mod organizations_0009_keys;
mod organizations_0010_known_people;
mod organizations_0011_addresses;
mod organizations_0012_mailed;
mod organizations_0013_second_factor;
mod projects_0001_projects;
mod projects_0002_usage;
mod projects_0003_keys;
mod users_0001_accounts;
mod users_0002_credentials;
mod users_0003_profiles;
mod users_0004_keys;
mod users_0005_last_use;
mod users_0006_addresses;
mod users_0007_second_factor;
mod users_0008_passkeys;

use sea_orm_migration::prelude::*;

/// Every migration, in the order in which they are applied.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(domain_events_0001_log::Migration),
            Box::new(users_0001_accounts::Migration),
            Box::new(organizations_0001_organizations::Migration),
            Box::new(projects_0001_projects::Migration),
            Box::new(users_0002_credentials::Migration),
            Box::new(organizations_0002_life::Migration),
            Box::new(projects_0002_usage::Migration),
            Box::new(organizations_0003_operators::Migration),
            Box::new(organizations_0004_held_tokens::Migration),
            Box::new(domain_events_0002_retention::Migration),
            Box::new(organizations_0005_limited::Migration),
            Box::new(migrations_0001_compatibility::Migration),
            Box::new(organizations_0006_departures::Migration),
            Box::new(users_0003_profiles::Migration),
            Box::new(organizations_0007_lists::Migration),
            Box::new(organizations_0008_navigation::Migration),
            Box::new(domain_events_0003_details::Migration),
            Box::new(users_0004_keys::Migration),
            Box::new(organizations_0009_keys::Migration),
            Box::new(projects_0003_keys::Migration),
            Box::new(users_0005_last_use::Migration),
            Box::new(organizations_0010_known_people::Migration),
            Box::new(users_0006_addresses::Migration),
            Box::new(organizations_0011_addresses::Migration),
            Box::new(organizations_0012_mailed::Migration),
            Box::new(users_0007_second_factor::Migration),
            Box::new(organizations_0013_second_factor::Migration),
            Box::new(users_0008_passkeys::Migration),
            Box::new(domain_events_0004_jobs::Migration),
        ]
    }
}
