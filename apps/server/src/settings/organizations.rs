//! Policies that apply to all organizations.

use chrono::Duration;
use tenantry_core::access::Role;
use tenantry_organizations::Policy;

use super::{
    catalog::{JOIN_ROLE, OWNED_PER_PERSON, SLUG_QUARANTINE_DAYS},
    reader::{SettingsReader, whole_number},
};

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Policy> {
    // Users who join by signing up were not chosen by an admin, so they get no higher role.
    let join_role = reader.value(&JOIN_ROLE, |text| match text.parse() {
        Ok(role @ (Role::Viewer | Role::Member)) => Ok(role),
        _ => Err("must be viewer or member"),
    });
    let days = reader.value(&SLUG_QUARANTINE_DAYS, whole_number(0, 36500));
    let owned = reader.value(&OWNED_PER_PERSON, whole_number(0, 1_000_000));
    Some(Policy {
        join_role: join_role?,
        slug_quarantine: Duration::days(days?),
        owned_per_person: owned.map(|most| (most > 0).then_some(most))?,
    })
}
