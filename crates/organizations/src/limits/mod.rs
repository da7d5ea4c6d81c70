//! The limits of an organization, and its usage.
//!
//! - [`OrganizationLimits`]: the limits that operators set
//! - [`BillingService`]: the billing view of admins

mod billing;
pub(crate) mod http;
mod model;

pub use billing::{Billing, BillingService, Plan, Usage};
pub use model::{MaxCount, OrganizationLimits};
