//! A snapshot of the database.

use std::{collections::BTreeMap, time::Duration};

use tenantry_testkit::{Backend, TestDatabase};
use tokio::time::sleep;

use super::text;

/// Every row of every table at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Tables(BTreeMap<String, Vec<String>>);

/// Waits until every delivery was made or is a dead letter.
pub(crate) async fn settled(database: &TestDatabase) {
    let pending = "SELECT count(*) AS n FROM event_deliveries WHERE dead_at IS NULL";
    while database.number(pending).await > 0 {
        sleep(Duration::from_millis(2)).await;
    }
}

impl Tables {
    pub(crate) async fn of(database: &TestDatabase) -> Self {
        let names = match database.backend() {
            Backend::Sqlite => {
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            }
            Backend::Postgres => {
                "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'"
            }
        };
        let mut tables = BTreeMap::new();
        for found in database.query(names).await {
            let name = text(&found["name"]);
            let rows = database.query(&format!("SELECT * FROM {name}")).await;
            let mut rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
            rows.sort();
            tables.insert(name, rows);
        }
        assert!(tables.contains_key("projects"), "the tables were not found");
        Self(tables)
    }

    /// Whether any row contains the text.
    pub(crate) fn contains_text(&self, text: &str) -> bool {
        self.0.values().flatten().any(|row| row.contains(text))
    }

    /// Every row as JSON text, with its table.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, &str)> {
        let tables = self.0.iter();
        tables.flat_map(|(table, rows)| rows.iter().map(|row| (table.as_str(), row.as_str())))
    }

    #[track_caller]
    pub(super) fn assert_same(&self, now: &Self) {
        for (name, rows) in &self.0 {
            assert_eq!(Some(rows), now.0.get(name), "the table {name} changed");
        }
    }
}
