//! Projects: the example of a tenant's module, and the one to copy.
//!
//! - [`ProjectsService`] is what the module does
//! - the model holds its values and its two permissions
//! - [`subscribe`] registers what it does when something happens elsewhere
//! - the entity and the store are private: nobody else knows the table

mod entity;
mod error;
mod error_codes;
mod http;
mod listeners;
mod model;
mod service;
mod store;

pub use error::ProjectError;
pub use error_codes::ERROR_CODES;
pub use http::routes;
pub use listeners::subscribe;
pub use model::{
    BulkStatus, ManageProjects, NewProject, PERMISSIONS, Project, ProjectChange, ProjectQuery,
    ProjectSort, ProjectStatus, ViewProjects,
};
pub use service::{ProjectsDeps, ProjectsService, service};
pub use tenantry_domain_events::events::projects::ProjectId;
