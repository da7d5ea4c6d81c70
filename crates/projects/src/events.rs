//! The events.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_core::{
    id::{OrganizationId, UserId},
    organization_events,
    value::Name,
};

use crate::model::ProjectId;

/// A project was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectCreated {
    /// Its organization.
    pub organization_id: OrganizationId,
    /// The project.
    pub project_id: ProjectId,
    /// Its name.
    pub name: Name,
    /// Its creator.
    pub created_by_user_id: UserId,
}

/// A project's name or description changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectUpdated {
    /// Its organization.
    pub organization_id: OrganizationId,
    /// The project.
    pub project_id: ProjectId,
    /// Its current name.
    pub name: Name,
}

/// A project's status changed. [`BulkStatusChanged`] stands for a change of several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectStatusChanged {
    /// Its organization.
    pub organization_id: OrganizationId,
    /// The project.
    pub project_id: ProjectId,
    /// The new status: `draft`, `active` or `archived`.
    pub status: String,
}

/// The status of several projects was changed by one request. Those that had the status are not
/// among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BulkStatusChanged {
    /// Their organization.
    pub organization_id: OrganizationId,
    /// The projects.
    pub project_ids: Vec<ProjectId>,
    /// The new status: `draft`, `active` or `archived`.
    pub status: String,
}

/// A project was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectDeleted {
    /// Its organization.
    pub organization_id: OrganizationId,
    /// The project.
    pub project_id: ProjectId,
}

organization_events! {
    EVENTS:
    Change 1 ProjectCreated = "projects.project_created";
    Change 1 ProjectUpdated = "projects.project_updated";
    Change 1 ProjectStatusChanged = "projects.project_status_changed";
    Change 1 BulkStatusChanged = "projects.bulk_status_changed";
    Change 1 ProjectDeleted = "projects.project_deleted";
}
