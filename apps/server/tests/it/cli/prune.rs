//! `events prune`, and the server's own pruning at start and every hour.

use std::time::Duration;

use tenantry_testkit::{Backend, TestDatabase, each_database};
use tokio::time::{sleep, timeout};

use super::events::{insert_dead_letter, insert_dead_letter_of};
use crate::support::{Program, ServerProcess};

/// An entry of the event log: years old, or of today.
async fn insert_entry(database: &TestDatabase, n: u8, kind: &str, old: bool) {
    let id = |n: u8| match database.backend() {
        Backend::Sqlite => format!("x'{}'", format!("{n:02x}").repeat(16)),
        Backend::Postgres => format!("'{}'", format!("{n:02x}").repeat(16)),
    };
    let (stream, event) = (id(1), id(n + 100));
    let time = match old {
        true => "2020-01-05T09:00:00+00:00".to_owned(),
        false => chrono::Utc::now().to_rfc3339(),
    };
    database
        .execute(&format!(
            "INSERT INTO event_log (stream_id, number, id, name, version, kind, occurred_at, payload)
             VALUES ({stream}, {n}, {event}, 'users.something', 1, '{kind}', '{time}', '{{}}')"
        ))
        .await;
}

/// Waits until only as many entries are left, and asserts that they are these.
async fn until_left(database: &TestDatabase, numbers: &[i64]) {
    let log = "SELECT number FROM event_log ORDER BY number";
    let left = async || {
        let rows = database.query(log).await;
        let numbers = rows
            .iter()
            .map(|row| row["number"].as_i64().expect("a number"));
        numbers.collect::<Vec<_>>()
    };
    let pruned = async {
        while left().await.len() > numbers.len() {
            sleep(Duration::from_millis(50)).await;
        }
    };
    let in_time = timeout(Duration::from_secs(30), pruned).await;
    assert_eq!(left().await, numbers);
    in_time.expect("the server prunes at its start");
}

each_database! {
    async fn only_expired_entries_are_pruned(database: TestDatabase) {
        insert_entry(&database, 1, "change", true).await;
        insert_entry(&database, 2, "access", true).await;
        insert_entry(&database, 3, "access", true).await;
        insert_entry(&database, 4, "change", false).await;
        insert_entry(&database, 5, "access", false).await;
        let left = "SELECT count(*) AS n FROM event_log";

        let program = Program::on(&database);
        let unconfirmed = program.run(&["events", "prune"]).expect(2);
        assert!(unconfirmed.stderr.contains("--yes"), "{unconfirmed:?}");
        assert_eq!(database.number(left).await, 5);

        let prune = ["events", "prune", "--yes", "--json"];
        let access = program.with("TENANTRY__EVENTS__KEEP_ACCESS_DAYS", "30")
            .with("TENANTRY__EVENTS__KEEP_AUDIT_DAYS", "0");
        let pruned = access.run(&prune).expect(0).json();
        assert_eq!(pruned, serde_json::json!({"changes": 0, "access": 2, "dead": 0}));
        let both = access.with("TENANTRY__EVENTS__KEEP_AUDIT_DAYS", "30");
        let pruned = both.run(&prune).expect(0).json();
        assert_eq!(pruned, serde_json::json!({"changes": 1, "access": 0, "dead": 0}));
        let text = both.run(&["events", "prune", "--yes"]).expect(0).stdout;
        assert!(text.starts_with("KIND"), "{text}");
        assert_eq!(database.number(left).await, 2);
    }

    async fn pending_and_dead_deliveries_keep_their_events(
        database: TestDatabase
    ) {
        // The dead letter is about the first one.
        insert_entry(&database, 1, "change", true).await;
        insert_entry(&database, 2, "change", true).await;
        insert_dead_letter(&database).await;
        let pruned = |changes: &str, dead: &str| {
            Program::on(&database)
                .with("TENANTRY__EVENTS__KEEP_AUDIT_DAYS", changes)
                .with("TENANTRY__EVENTS__KEEP_DEAD_DAYS", dead)
                .run(&["events", "prune", "--yes", "--json"]).expect(0).json()
        };
        let counts = |changes: u64, dead: u64| {
            serde_json::json!({"changes": changes, "access": 0, "dead": dead})
        };
        assert_eq!(pruned("30", "0"), counts(1, 0), "dead letters are kept forever");

        let dead_at = "UPDATE event_deliveries SET dead_at =";
        database.execute(&format!("{dead_at} NULL")).await;
        assert_eq!(pruned("30", "30"), counts(0, 0), "a pending delivery keeps its event, however old");
        let today = chrono::Utc::now().to_rfc3339();
        database.execute(&format!("{dead_at} '{today}'")).await;
        assert_eq!(pruned("30", "30"), counts(0, 0), "the dead letter is of today");
        database.execute(&format!("{dead_at} '2026-01-05T10:00:00+00:00'")).await;
        assert_eq!(pruned("30", "30"), counts(1, 1));
    }

    async fn a_server_prunes_expired_entries_only(database: TestDatabase) {
        insert_entry(&database, 1, "change", true).await;
        insert_entry(&database, 2, "change", true).await;
        insert_entry(&database, 3, "change", false).await;
        insert_entry(&database, 4, "access", true).await;
        insert_entry(&database, 5, "access", true).await;
        insert_entry(&database, 6, "access", false).await;
        // Of a listener that no longer exists.
        insert_dead_letter_of(&database, "notes.gone").await;
        let server = |changes: &str, access: &str| {
            let program = Program::on(&database)
                .with("TENANTRY__SERVER__PORT", "0")
                .with("TENANTRY__EVENTS__KEEP_AUDIT_DAYS", changes)
                .with("TENANTRY__EVENTS__KEEP_ACCESS_DAYS", access)
                .with("TENANTRY__EVENTS__KEEP_DEAD_DAYS", "0");
            ServerProcess::start(&program, "saas")
        };
        // Changes are pruned first: once access entries are gone, changes were kept.
        let keeps_changes = server("0", "30");
        until_left(&database, &[1, 2, 3, 6]).await;
        drop(keeps_changes);
        let prunes_changes = server("30", "0");
        until_left(&database, &[1, 3, 6]).await;
        drop(prunes_changes);
    }
}
