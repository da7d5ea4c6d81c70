//! Lists projects without an organization.

use tenantry_projects::{ProjectId, ProjectQuery, ProjectsService};

async fn way_out(projects: &dyn ProjectsService, query: &ProjectQuery, id: ProjectId) {
    projects.list(query).await;
    projects.list(&None, query).await;
    projects.get(id).await;
}

fn main() {}
