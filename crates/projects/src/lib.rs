//! Projects: the example of a tenant module, and the template for new ones.
//!
//! - [`ProjectsService`]: the operations
//! - the model has the values and the permissions
//! - [`events`]: what it records
//! - [`ProjectsModule`]: its descriptor for the composition root
//! - [`subscribe`] registers the listeners, [`handle_jobs`] the handlers of jobs
//! - the entity and the store are private: no other module knows the table

mod demo;
mod entity;
mod error;
mod error_codes;
pub mod events;
mod http;
mod jobs;
mod listeners;
mod model;
mod module;
mod operator_table;
mod quota;
mod service;
mod store;
mod usage;

pub use error::ProjectError;
pub use error_codes::ERROR_CODES;
pub use jobs::{ArchiveIdle, handle_jobs};
pub use listeners::subscribe;
pub use model::{
    BulkStatus, ManageProjects, NewProject, PERMISSIONS, Project, ProjectChange, ProjectId,
    ProjectQuery, ProjectSort, ProjectStatus, ViewProjects,
};
pub use module::ProjectsModule;
pub use service::{ProjectsDeps, ProjectsService, service};
