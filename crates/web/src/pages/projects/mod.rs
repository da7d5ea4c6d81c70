//! The projects of an organization.

mod delete;
mod edit;
mod list;
mod new;

use serde_json::json;
use tenantry_core::{event::DomainEvent as _, value::Description};
use tenantry_http::{Access, Routes};
use tenantry_projects::{
    ManageProjects, ProjectStatus, ViewProjects,
    events::{ProjectCreated, ProjectDeleted, ProjectStatusChanged, ProjectUpdated},
};

pub(super) fn routes() -> Routes {
    const VIEW: Access = Access::slug_organization::<ViewProjects>();
    const MANAGE: Access = Access::slug_organization::<ManageProjects>();

    Routes::new()
        .page("/o/{slug}/projects", VIEW, list::show)
        .form("/o/{slug}/projects/status", MANAGE, list::set_status)
        .sample(|values| json!({"ids": values.ids, "status": "archived"}))
        .sample_ids("/api/projects")
        .records(&[ProjectStatusChanged::NAME])
        .page("/o/{slug}/projects/new", MANAGE, new::show)
        .form("/o/{slug}/projects/new", MANAGE, new::create)
        .sample(|values| json!({"name": values.text, "status": "draft"}))
        .records(&[ProjectCreated::NAME])
        .page("/o/{slug}/projects/{id}", VIEW, edit::show)
        .form("/o/{slug}/projects/{id}", MANAGE, edit::change)
        .sample(|values| json!({"name": values.text, "status": "active"}))
        .records(&[ProjectUpdated::NAME, ProjectStatusChanged::NAME])
        .page("/o/{slug}/projects/{id}/delete", MANAGE, delete::show)
        .form("/o/{slug}/projects/{id}/delete", MANAGE, delete::delete)
        .records(&[ProjectDeleted::NAME])
}

/// A status with its word for people.
const STATUSES: [(ProjectStatus, &str); 3] = [
    (ProjectStatus::Draft, "Draft"),
    (ProjectStatus::Active, "Active"),
    (ProjectStatus::Archived, "Archived"),
];

pub(crate) fn status_word(status: &ProjectStatus) -> &'static str {
    let mut statuses = STATUSES.iter();
    let found = statuses.find(|(known, _)| known == status);
    found.map_or("", |(_, word)| word)
}

/// The description of a form; an empty field is none.
fn description(sent: Option<Description>) -> Description {
    sent.unwrap_or_else(Description::empty)
}
