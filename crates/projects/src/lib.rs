//! Projects: the example of a tenant module, and the template for new ones.
//!
//! - [`ProjectsService`]: the operations
//! - the model has the values and the permissions
//! - [`subscribe`] registers the listeners
//! - [`PROJECTS`]: the quota of projects, which the composition root registers
//! - the entity and the store are private: no other module knows the table

mod entity;
mod error;
mod error_codes;
mod http;
mod listeners;
mod model;
mod quota;
mod service;
mod store;
mod usage;

pub use error::ProjectError;
pub use error_codes::ERROR_CODES;
pub use http::routes;
pub use listeners::subscribe;
pub use model::{
    BulkStatus, ManageProjects, NewProject, PERMISSIONS, Project, ProjectChange, ProjectId,
    ProjectQuery, ProjectSort, ProjectStatus, ViewProjects,
};
pub use quota::PROJECTS;
pub use service::{ProjectsDeps, ProjectsService, service};
