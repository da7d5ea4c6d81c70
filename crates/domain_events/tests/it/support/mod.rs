//! Processes that share a database, and listeners that leave a mark in it, or misbehave.

mod broker;
mod listeners;
mod other;
pub(crate) mod process;
mod table;

pub(crate) use broker::Broker;
pub(crate) use listeners::{LeaveMarks, Manner, Marks};
pub(crate) use other::Other;
pub(crate) use process::Stage;
pub(crate) use table::{Mark, mark};

use tenantry_core::id::{OrganizationId, UserId, Uuid};

pub(crate) fn user(n: u128) -> UserId {
    Uuid::from_u128(n).into()
}

pub(crate) fn organization(n: u128) -> OrganizationId {
    Uuid::from_u128(n).into()
}

/// No event's number.
pub(crate) const NONE: [i64; 0] = [];
