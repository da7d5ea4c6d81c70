//! How much an organization may have, and how much it has.
//!
//! - [`OrganizationLimits`]: what operators allow
//! - [`BillingService`]: what an admin may know of it

mod billing;
pub(crate) mod http;
mod model;

pub use billing::{Billing, BillingService, Plan, Usage};
pub use model::{MaxCount, OrganizationLimits};
