//! Queries the table without the service.

use tenantry_projects::entity::Entity;
use tenantry_projects::store::list;

fn main() {}
