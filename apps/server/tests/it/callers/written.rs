//! Rows that a call wrote.

use std::collections::BTreeSet;

use serde_json::Value;
use tenantry_testkit::{Backend, TestDatabase};

use super::cast::{Caller, Cast};
use crate::http::support::Tables;

/// What is in the database, as it was last looked at.
pub(super) struct Watch {
    tables: Tables,
    version: i64,
}

impl Watch {
    pub(super) async fn new(database: &TestDatabase) -> Self {
        // In this order: a write in between shows later, and not never.
        let version = version(database).await;
        Self {
            tables: Tables::of(database).await,
            version,
        }
    }

    /// Whether an id is in the database.
    pub(super) fn holds(&self, id: &str) -> bool {
        self.tables.contains_text(id)
    }

    /// What the server wrote since. Most calls write nothing, and then no table is read.
    pub(super) async fn written(&mut self, database: &TestDatabase) -> Vec<Written> {
        if version(database).await == self.version {
            return Vec::new();
        }
        let now = Self::new(database).await;
        let written = written(&self.tables, &now.tables);
        *self = now;
        written
    }
}

/// A number that is another one after every write of another connection.
async fn version(database: &TestDatabase) -> i64 {
    let number = match database.backend() {
        Backend::Sqlite => "SELECT data_version FROM pragma_data_version",
        // Every transaction that writes takes the next number, in the whole cluster.
        Backend::Postgres => "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS n",
    };
    database.number(number).await
}

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

/// An entry of a log: in which, of what, and about what. Two of them are one thing told twice.
#[derive(Debug, PartialEq)]
pub(super) struct Told<'w> {
    stream: &'w Value,
    pub(super) name: &'w str,
    payload: &'w Value,
}

impl Written {
    /// The event, if it is an entry of the log.
    pub(super) fn event(&self) -> Option<Told<'_>> {
        (self.table == "event_log").then(|| Told {
            stream: &self.row["stream_id"],
            name: self.row["name"].as_str().expect("a name"),
            payload: &self.row["payload"],
        })
    }

    /// Whether an organization is told of something of the caller's own that ended there, be he
    /// let in there at this moment or not.
    pub(super) fn is_told_of(&self, caller: &Caller, may_tell: &[&str]) -> bool {
        self.event().is_some_and(|event| {
            may_tell.contains(&event.name) && event.payload.to_string().contains(&caller.user)
        })
    }

    /// Whether it only tells what happened.
    pub(super) fn is_in_the_log(&self) -> bool {
        self.table.starts_with("event_")
    }

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
