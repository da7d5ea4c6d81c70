//! Organizations: the tenants, their members, and which of them a request acts in.
//!
//! - [`OrganizationsService`] is what the module does; it is also the
//!   [`ContextResolver`](tenantry_core::access::ContextResolver) of every request
//! - [`routes`] and [`subscribe`] connect it to the outside and to the other modules
//! - entities, statements and the resolution order are private

mod context;
mod entity;
mod error;
mod http;
mod listeners;
mod members;
mod model;
mod service;
mod store;

pub use error::OrganizationsError;
pub use http::routes;
pub use listeners::subscribe;
pub use members::MembersService;
pub use model::{
    DeleteOrganization, InviteMembers, ManageMembers, ManageOrganization, Member, NewMember,
    NewOrganization, Organization, OwnOrganization, PERMISSIONS, TransferOrganization, ViewBilling,
    ViewOrganization,
};
pub use service::{Me, OrganizationsDeps, OrganizationsService, service};
