//! Rows that a call wrote.

use std::collections::BTreeSet;

use serde_json::Value;
use tenantry_testkit::{Backend, TestDatabase};

use super::fixture::{Caller, Fixture};
use crate::http::support::Tables;

/// Detects writes by comparing snapshots of the database.
pub(super) struct WriteDetector {
    tables: Tables,
    version: i64,
}

impl WriteDetector {
    /// Makes writes to this database countable.
    pub(super) async fn watch(database: &TestDatabase) -> Self {
        if database.backend() == Backend::Postgres {
            database.execute(COUNT_WRITES).await;
        }
        Self::new(database).await
    }

    pub(super) async fn new(database: &TestDatabase) -> Self {
        // In this order, so that a write in between is detected later rather than never.
        let version = version(database).await;
        Self {
            tables: Tables::of(database).await,
            version,
        }
    }

    /// Whether the id exists in the database.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.tables.contains_text(id)
    }

    /// The rows written since the last snapshot. Tables are read only if the version changed.
    pub(super) async fn written(&mut self, database: &TestDatabase) -> Vec<WrittenRow> {
        if version(database).await == self.version {
            return Vec::new();
        }
        let now = Self::new(database).await;
        let written = written(&self.tables, &now.tables);
        *self = now;
        written
    }
}

/// Every statement that writes to a table takes the next number of a sequence, whether or not its
/// transaction commits. Numbers of transactions would not do: other tests take them, too.
const COUNT_WRITES: &str = "
    CREATE SEQUENCE counted_writes;
    CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
      AS 'BEGIN PERFORM nextval(''public.counted_writes''); RETURN NULL; END';
    DO $$ DECLARE name text; BEGIN
      FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TRIGGER count_write AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE
          ON %I FOR EACH STATEMENT EXECUTE FUNCTION count_write()', name);
      END LOOP;
    END $$";

/// A number that changes with every write of another connection.
async fn version(database: &TestDatabase) -> i64 {
    let number = match database.backend() {
        Backend::Sqlite => "SELECT data_version FROM pragma_data_version",
        Backend::Postgres => "SELECT last_value + is_called::int FROM counted_writes",
    };
    database.number(number).await
}

/// A row that exists in only one of two snapshots, or differs between them.
#[derive(Debug)]
pub(super) struct WrittenRow {
    table: String,
    row: Value,
}

/// The difference between two snapshots.
pub(super) fn written(before: &Tables, after: &Tables) -> Vec<WrittenRow> {
    let before: BTreeSet<_> = before.rows().collect();
    let after: BTreeSet<_> = after.rows().collect();
    let differing = before.symmetric_difference(&after);
    let written = differing.map(|(table, row)| WrittenRow {
        table: (*table).to_owned(),
        row: serde_json::from_str(row).expect("rows are read as JSON"),
    });
    let written: Vec<_> = written.collect();
    let redacted: Vec<_> = written
        .iter()
        .filter(|after| written.iter().any(|before| is_redaction(before, after)))
        .map(|row| row.row["id"].clone())
        .collect();
    let is_kept = |row: &WrittenRow| row.table != "event_log" || !redacted.contains(&row.row["id"]);
    written.into_iter().filter(is_kept).collect()
}

/// What a deletion removes from entries of the log: the names of people. Everything else stays.
const REDACTED: [&str; 6] = [
    "actor_email",
    "actor_name",
    "changes",
    "client_address",
    "client_program",
    "token_name",
];

/// Whether the second row is the first one without the names of people.
fn is_redaction(before: &WrittenRow, after: &WrittenRow) -> bool {
    let (Some(old), Some(new)) = (before.row.as_object(), after.row.as_object()) else {
        return false;
    };
    let is_same = |(name, value): (&String, &Value)| {
        new.get(name) == Some(value) || (REDACTED.contains(&name.as_str()) && new[name].is_null())
    };
    before.table == "event_log"
        && before.table == after.table
        && old != new
        && old.iter().all(is_same)
}

/// An entry of the event log. Two equal ones are a duplicate event.
#[derive(Debug, PartialEq)]
pub(super) struct LoggedEvent<'w> {
    stream: &'w Value,
    pub(super) name: &'w str,
    payload: &'w Value,
}

impl WrittenRow {
    /// The event, if the row is an entry of the log.
    pub(super) fn event(&self) -> Option<LoggedEvent<'_>> {
        (self.table == "event_log").then(|| LoggedEvent {
            stream: &self.row["stream_id"],
            name: self.row["name"].as_str().expect("a name"),
            payload: &self.row["payload"],
        })
    }

    /// Whether the row records the end of something of the caller's in an organization, whether
    /// or not the caller can access it now.
    pub(super) fn is_announced_to(&self, caller: &Caller, optional_events: &[&str]) -> bool {
        self.event().is_some_and(|event| {
            optional_events.contains(&event.name)
                && event.payload.to_string().contains(&caller.user)
        })
    }

    /// Whether the row belongs to the event log or its queue.
    pub(super) fn is_log_entry(&self) -> bool {
        self.table.starts_with("event_")
    }

    /// Whether the row belongs to an organization that the caller is not a member of, or to
    /// another user. New rows are the caller's own.
    pub(super) fn is_foreign_to(&self, caller: &Caller, fixture: &Fixture) -> bool {
        if let Some(id) = organization_of(&self.table, &self.row) {
            let organization = fixture
                .organizations
                .iter()
                .position(|organization| organization.id == id);
            return organization.is_some_and(|organization| !caller.belongs_to(organization));
        }
        let user = user_of(&self.table, &self.row);
        let known = |other: &Caller| Some(other.user.as_str()) == user;
        fixture.callers.iter().any(known) && user != Some(&caller.user)
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

/// The user that a row belongs to.
pub(super) fn user_of<'r>(table: &str, row: &'r Value) -> Option<&'r str> {
    let column = if table == "users" { "id" } else { "user_id" };
    row[column].as_str()
}
