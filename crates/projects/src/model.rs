//! The public types and permissions of projects.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    access::{Permission as _, PermissionInfo},
    clock::Timestamp,
    column_value, define_id,
    page::PageRequest,
    permission,
    value::{Description, InvalidText, Name},
};

define_id!(
    /// A project.
    ProjectId
);

permission!(
    /// Read the organization's projects.
    ViewProjects = "projects.view", Viewer
);
permission!(
    /// Create, change and delete projects.
    ManageProjects = "projects.manage", Member
);

/// Every permission of this module.
pub const PERMISSIONS: &[PermissionInfo] = &[ViewProjects::INFO, ManageProjects::INFO];

/// A project of an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Project {
    /// The project's id.
    pub id: ProjectId,
    /// Its name.
    pub name: Name,
    /// Its description; may be empty.
    pub description: Description,
    /// Its status.
    pub status: ProjectStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Incremented by every change; the `ETag` on the wire.
    #[serde(skip)]
    pub version: i64,
}

/// The status of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProjectStatus {
    /// Not started.
    #[default]
    Draft,
    /// In progress.
    Active,
    /// Finished.
    Archived,
}

impl ProjectStatus {
    /// All of them, in the order of a project's life.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Active, Self::Archived];

    /// The status's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }
}

impl std::str::FromStr for ProjectStatus {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(InvalidText("must be one of draft, active, archived"))
    }
}

column_value!(
    ProjectStatus,
    String,
    |status| status.as_str().to_owned(),
    |text: String| text.parse::<ProjectStatus>()
);

/// A project to be made. Its organization is not among its fields: it comes from the context.
#[derive(Clone, Debug)]
pub struct NewProject {
    /// Its name.
    pub name: Name,
    /// Its description.
    pub description: Description,
    /// Its status.
    pub status: ProjectStatus,
}

/// Changes of a project; absent fields stay.
#[derive(Clone, Debug, Default)]
pub struct ProjectChange {
    /// A new name.
    pub name: Option<Name>,
    /// A new description.
    pub description: Option<Description>,
    /// A new status.
    pub status: Option<ProjectStatus>,
}

impl ProjectChange {
    /// What differs from the project as it is.
    pub(crate) fn beyond(self, project: &Project) -> Self {
        Self {
            name: self.name.filter(|name| *name != project.name),
            description: self.description.filter(|it| *it != project.description),
            status: self.status.filter(|status| *status != project.status),
        }
    }

    /// Whether the name or the description changes.
    pub(crate) const fn is_edit(&self) -> bool {
        self.name.is_some() || self.description.is_some()
    }
}

/// Which projects to list, and how.
#[derive(Clone, Debug, Default)]
pub struct ProjectQuery {
    /// Only those with this status.
    pub status: Option<ProjectStatus>,
    /// Only those whose name contains this text (case-insensitive).
    pub search: Option<String>,
    /// The order.
    pub sort: ProjectSort,
    /// The page.
    pub page: PageRequest,
}

/// The orders that projects can be listed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProjectSort {
    /// By name, ignoring case.
    Name,
    /// The newest first.
    #[default]
    Newest,
}

impl ProjectSort {
    pub(crate) const ALL: [Self; 2] = [Self::Name, Self::Newest];

    /// The order's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Newest => "-created_at",
        }
    }
}

impl std::str::FromStr for ProjectSort {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|sort| sort.as_str() == text)
            .ok_or(InvalidText("must be name or -created_at"))
    }
}

/// A new status for several projects, all or none.
#[derive(Clone, Debug)]
pub struct BulkStatus {
    /// The projects; duplicates count once.
    pub ids: Vec<ProjectId>,
    /// Their new status.
    pub status: ProjectStatus,
}
