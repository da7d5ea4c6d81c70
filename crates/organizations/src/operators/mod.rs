//! What operators of the deployment do.
//!
//! - [`OperatorsService`]: looking for organizations, members and accounts; closing, opening and
//!   limiting organizations; the report on all of them
//!
//! Superusers see everything, other staff their own organizations. Every look leaves an event in each
//! organization that it showed something of ([`looks`]).

pub(crate) mod http;
pub(crate) mod looks;
mod model;
mod report;
mod service;
mod store;

pub use model::{
    LimitsChange, MemberDetails, MemberFilter, OrganizationActivity, OrganizationChange,
    OrganizationFilter, OrganizationName,
};
pub use service::OperatorsService;
