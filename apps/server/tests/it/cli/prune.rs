//! `events prune`, and the server, which does the same at its start and every hour.

use std::time::Duration;

use tenantry_testkit::{Backend, TestDatabase, each_database};
use tokio::time::{sleep, timeout};

use super::events::{plant_a_dead_letter, plant_a_dead_letter_of};
use crate::support::{Program, ServerProcess};

/// An entry of the log that is as old as the hills, or of today.
async fn plant_an_entry(database: &TestDatabase, n: u8, kind: &str, old: bool) {
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

/// Waits until no more than so many entries of the log are left, which must be these.
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
    in_time.expect("it prunes at its start");
}

each_database! {
    async fn what_was_kept_long_enough_is_pruned_and_nothing_else(database: TestDatabase) {
        plant_an_entry(&database, 1, "change", true).await;
        plant_an_entry(&database, 2, "access", true).await;
        plant_an_entry(&database, 3, "access", true).await;
        plant_an_entry(&database, 4, "change", false).await;
        plant_an_entry(&database, 5, "access", false).await;
        let left = "SELECT count(*) AS n FROM event_log";

        let program = Program::on(&database);
        let unsure = program.run(&["events", "prune"]).expect(2);
        assert!(unsure.stderr.contains("--yes"), "{unsure:?}");
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

    async fn what_waits_or_was_given_up_keeps_its_event_until_the_letter_itself_is_pruned(
        database: TestDatabase
    ) {
        // The letter is about the first of them.
        plant_an_entry(&database, 1, "change", true).await;
        plant_an_entry(&database, 2, "change", true).await;
        plant_a_dead_letter(&database).await;
        let pruned = |changes: &str, dead: &str| {
            Program::on(&database)
                .with("TENANTRY__EVENTS__KEEP_AUDIT_DAYS", changes)
                .with("TENANTRY__EVENTS__KEEP_DEAD_DAYS", dead)
                .run(&["events", "prune", "--yes", "--json"]).expect(0).json()
        };
        let so_many = |changes: u64, dead: u64| {
            serde_json::json!({"changes": changes, "access": 0, "dead": dead})
        };
        assert_eq!(pruned("30", "0"), so_many(1, 0), "dead letters are kept for ever here");

        let dead_at = "UPDATE event_deliveries SET dead_at =";
        database.execute(&format!("{dead_at} NULL")).await;
        assert_eq!(pruned("30", "30"), so_many(0, 0), "it waits, however long");
        let today = chrono::Utc::now().to_rfc3339();
        database.execute(&format!("{dead_at} '{today}'")).await;
        assert_eq!(pruned("30", "30"), so_many(0, 0), "it was given up today");
        database.execute(&format!("{dead_at} '2026-01-05T10:00:00+00:00'")).await;
        assert_eq!(pruned("30", "30"), so_many(1, 1));
    }

    async fn a_server_prunes_what_was_kept_long_enough_and_nothing_else(database: TestDatabase) {
        plant_an_entry(&database, 1, "change", true).await;
        plant_an_entry(&database, 2, "change", true).await;
        plant_an_entry(&database, 3, "change", false).await;
        plant_an_entry(&database, 4, "access", true).await;
        plant_an_entry(&database, 5, "access", true).await;
        plant_an_entry(&database, 6, "access", false).await;
        // Of a listener that no server tells any more.
        plant_a_dead_letter_of(&database, "notes.gone").await;
        let server = |changes: &str, access: &str| {
            let program = Program::on(&database)
                .with("TENANTRY__SERVER__PORT", "0")
                .with("TENANTRY__EVENTS__KEEP_AUDIT_DAYS", changes)
                .with("TENANTRY__EVENTS__KEEP_ACCESS_DAYS", access)
                .with("TENANTRY__EVENTS__KEEP_DEAD_DAYS", "0");
            ServerProcess::start(&program, "saas")
        };
        // Changes are its first: when access is gone, it has passed them over.
        let keeps_changes = server("0", "30");
        until_left(&database, &[1, 2, 3, 6]).await;
        drop(keeps_changes);
        let prunes_changes = server("30", "0");
        until_left(&database, &[1, 3, 6]).await;
        drop(prunes_changes);
    }
}
