//! The projects of an organization.

mod delete;
mod edit;
mod list;
mod new;
mod status;

pub(crate) use status::status_word;

use serde_json::json;
use tenantry_core::event::DomainEvent as _;
use tenantry_http::{Access, Routes};
use tenantry_projects::{
    ManageProjects, ViewProjects,
    events::{
        BulkStatusChanged, ProjectCreated, ProjectDeleted, ProjectStatusChanged, ProjectUpdated,
    },
};

pub(super) fn routes() -> Routes {
    const VIEW: Access = Access::slug_organization::<ViewProjects>();
    const MANAGE: Access = Access::slug_organization::<ManageProjects>();

    Routes::new()
        .page("/o/{slug}/projects", VIEW, list::show)
        .form("/o/{slug}/projects/status", MANAGE, list::set_status)
        .sample(|values| json!({"ids": values.ids, "status": "archived"}))
        .sample_ids("/api/projects")
        .records(&[BulkStatusChanged::NAME])
        .page("/o/{slug}/projects/new", MANAGE, new::show)
        .form("/o/{slug}/projects/new", MANAGE, new::create)
        .sample(|values| json!({"name": values.text, "status": "draft"}))
        .records(&[ProjectCreated::NAME])
        .page("/o/{slug}/projects/{id}", VIEW, edit::show)
        .form("/o/{slug}/projects/{id}", MANAGE, edit::change)
        .sample(|values| json!({"name": values.another_text(), "status": "active"}))
        .records(&[ProjectUpdated::NAME, ProjectStatusChanged::NAME])
        .page("/o/{slug}/projects/{id}/delete", MANAGE, delete::show)
        .form("/o/{slug}/projects/{id}/delete", MANAGE, delete::delete)
        .records(&[ProjectDeleted::NAME])
}
