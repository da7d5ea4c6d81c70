//! Processes that share a database, and their listeners.

mod broker;
mod child_process;
mod listeners;
pub(crate) mod process;
mod table;

pub(crate) use broker::Broker;
pub(crate) use child_process::ChildProcess;
pub(crate) use listeners::{Behavior, LeaveMarks, Marks};
pub(crate) use process::Fixture;
pub(crate) use table::{Mark, mark};

use tenantry_core::id::{OrganizationId, UserId, Uuid};

pub(crate) fn user(n: u128) -> UserId {
    Uuid::from_u128(n).into()
}

pub(crate) fn organization(n: u128) -> OrganizationId {
    Uuid::from_u128(n).into()
}

/// No event numbers.
pub(crate) const NONE: [i64; 0] = [];
