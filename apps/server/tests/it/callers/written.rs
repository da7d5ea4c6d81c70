//! Rows that a call wrote.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cast::{Caller, Cast};
use crate::http::support::Tables;

/// A row that is there at one of two moments only, or not the same.
#[derive(Debug)]
pub(super) struct Written {
    table: String,
    row: Value,
}

/// What differs between two moments.
pub(super) fn written(before: &Tables, after: &Tables) -> Vec<Written> {
    let before: BTreeSet<_> = before.rows().collect();
    let after: BTreeSet<_> = after.rows().collect();
    let differing = before.symmetric_difference(&after);
    let written = differing.map(|(table, row)| Written {
        table: (*table).to_owned(),
        row: serde_json::from_str(row).expect("rows are read as JSON"),
    });
    written.collect()
}

impl Written {
    /// Whether the row is of an organization that the caller doesn't belong to, or of somebody
    /// else. What the caller makes anew is his.
    pub(super) fn is_foreign_to(&self, caller: &Caller, cast: &Cast) -> bool {
        if let Some(id) = organization_of(&self.table, &self.row) {
            let place = cast.places.iter().position(|place| place.id == id);
            return place.is_some_and(|place| !caller.belongs_to(place));
        }
        let person = person_of(&self.table, &self.row);
        let known = |other: &Caller| Some(other.user.as_str()) == person;
        cast.callers.iter().any(known) && person != Some(&caller.user)
    }
}

/// The organization that a row belongs to.
pub(super) fn organization_of<'r>(table: &str, row: &'r Value) -> Option<&'r str> {
    let column = if table == "organizations" {
        "id"
    } else {
        "organization_id"
    };
    row[column].as_str()
}

/// The person that a row belongs to.
pub(super) fn person_of<'r>(table: &str, row: &'r Value) -> Option<&'r str> {
    let column = if table == "users" { "id" } else { "user_id" };
    row[column].as_str()
}
