//! Finds an organization, and says its state.

use tenantry_core::value::Slug;
use tenantry_organizations::Organization;

use crate::{Failure, app::App};

/// The organization of that slug.
pub(super) async fn find(app: &App, slug: &Slug) -> Result<Organization, Failure> {
    let found = app.organizations.directory.find_by_slug(slug).await;
    let found =
        found.map_err(|error| Failure::caused_by("the organization can't be looked up", &error))?;
    found.ok_or_else(|| {
        Failure::Failed(format!(
            "there is no organization {slug}; `tenantry org list` shows all of them"
        ))
    })
}

pub(super) const fn state(organization: &Organization) -> &'static str {
    match (organization.deleted_at, organization.is_active) {
        (Some(_), _) => "being deleted",
        (None, true) => "active",
        (None, false) => "disabled",
    }
}
