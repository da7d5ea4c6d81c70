//! The limits of an organization, and its usage.
//!
//! - `OrganizationLimits`: the limits that operators set
//! - `BillingService`: the billing view of admins

pub(crate) mod billing;
pub(crate) mod http;
mod lock;
pub(crate) mod model;
pub(crate) mod registry;
