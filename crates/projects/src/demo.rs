//! The module's demo data.

use tenantry_core::value::Description;
use tenantry_module::{DemoError, DemoOrganization};

use crate::{
    NewProject, ProjectQuery,
    ProjectStatus::{self, Active, Archived, Draft},
    ProjectsService,
};

/// Creates projects in an organization that has none.
pub(crate) async fn seed(
    projects: &impl ProjectsService,
    demo: &DemoOrganization<'_>,
) -> Result<(), DemoError> {
    let existing = projects.list(demo.owner, &ProjectQuery::default()).await?;
    if !existing.items.is_empty() {
        return Ok(());
    }
    for (name, status) in projects_of(demo.slug) {
        let new = NewProject {
            name: name.parse()?,
            description: Description::empty(),
            status: *status,
        };
        projects.create(demo.owner, new).await?;
    }
    Ok(())
}

fn projects_of(organization: &str) -> &'static [(&'static str, ProjectStatus)] {
    match organization {
        "acme" => &[
            ("Rocket skates", Active),
            ("Giant magnet", Draft),
            ("Portable hole", Archived),
        ],
        "globex" => &[("Weather machine", Active), ("Hammock district", Draft)],
        _ => &[],
    }
}
