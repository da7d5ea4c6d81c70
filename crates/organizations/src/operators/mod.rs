//! What operators of the deployment do.
//!
//! - [`OperatorsService`]: searching organizations, members and accounts; disabling, enabling and
//!   limiting organizations; the report on all of them
//!
//! Superusers see everything, other staff their own organizations. Every view is recorded as an
//! event in each organization that it showed ([`view_audit`]).

pub(crate) mod http;
mod model;
mod report;
mod service;
mod store;
pub(crate) mod view_audit;

pub use model::{
    LimitsChange, MemberDetails, MemberFilter, OrganizationActivity, OrganizationChange,
    OrganizationFilter, OrganizationName,
};
pub use service::OperatorsService;
