//! `events status`, `retry`, `dead` and `forget`.

use std::time::Duration;

use tenantry_testkit::{Backend, TestDatabase, each_database};
use tokio::time::sleep;

use crate::support::{Program, ServerProcess};

/// A dead letter of the listener that creates the first project.
pub(super) async fn insert_dead_letter(database: &TestDatabase) {
    insert_dead_letter_of(database, "projects.first_project").await;
}

pub(super) async fn insert_dead_letter_of(database: &TestDatabase, listener: &str) {
    let id = |n: u8| match database.backend() {
        Backend::Sqlite => format!("x'{}'", format!("{n:02x}").repeat(16)),
        Backend::Postgres => format!("'{}'", format!("{n:02x}").repeat(16)),
    };
    let (stream, event) = (id(1), id(2));
    database
        .execute(&format!(
            "INSERT INTO event_deliveries (listener, stream_id, number, in_organization, event_id,
               event_name, recorded_at, attempts, next_attempt_at, dead_at, last_error)
             VALUES ('{listener}', {stream}, 1, TRUE, {event},
               'organizations.organization_created', '2026-01-05T09:00:00+00:00', 15,
               '2026-01-05T09:00:00+00:00', '2026-01-05T10:00:00+00:00', 'the disk is full')"
        ))
        .await;
}

each_database! {
    async fn every_listener_is_shown_even_without_deliveries(
        database: TestDatabase
    ) {
        insert_dead_letter(&database).await;
        let program = Program::on(&database);
        let status = program.run(&["events", "status", "--json"]).expect(0).json();
        let listeners: Vec<_> = status.as_array().expect("a list").iter()
            .map(|it| (it["listener"].as_str().expect("a name"), it["pending"].as_i64(), it["dead"].as_i64()))
            .collect();
        for name in ["mail.send", "organizations.due_entries", "organizations.join_dedicated"] {
            assert!(listeners.contains(&(name, Some(0), Some(0))), "{name}: {listeners:?}");
        }
        assert!(listeners.contains(&("projects.first_project", Some(0), Some(1))), "{listeners:?}");
        assert!(listeners.is_sorted(), "{listeners:?}");
        let text = program.run(&["events", "status"]).expect(0).stdout;
        assert!(text.starts_with("LISTENER"), "{text}");
    }

    async fn dead_letters_are_listed_retried_and_handled(database: TestDatabase) {
        insert_dead_letter(&database).await;
        let program = Program::on(&database);
        let dead = program.run(&["events", "dead", "--json"]).expect(0).json();
        assert_eq!(dead[0]["event"], "organizations.organization_created");
        assert_eq!(dead[0]["last_error"], "the disk is full");
        let text = program.run(&["events", "dead"]).expect(0).stdout;
        assert!(text.contains("the disk is full"), "{text}");
        let others = ["--listener", "organizations.join_dedicated"];
        let none = program.run(&[&["events", "dead", "--json"], &others[..]].concat()).expect(0);
        assert_eq!(none.json().as_array().map(Vec::len), Some(0));

        let none = program.run(&[&["events", "retry", "--json"], &others[..]].concat()).expect(0);
        assert_eq!(none.json()["revived"], 0);
        let revived = program.run(&["events", "retry", "--json"]).expect(0).json();
        assert_eq!(revived["revived"], 1);
        // The event is not in the log, so the delivery fails again and records the reason.
        let server = ServerProcess::start(&program.with("TENANTRY__SERVER__PORT", "0"), "saas");
        let retries = "SELECT count(*) AS n FROM event_deliveries
            WHERE attempts = 1 AND last_error LIKE '%not in the log%'";
        while database.number(retries).await == 0 {
            sleep(Duration::from_millis(50)).await;
        }
        drop(server);
    }

    async fn deliveries_of_a_removed_listener_are_not_retried_and_can_be_discarded(
        database: TestDatabase
    ) {
        insert_dead_letter_of(&database, "notes.gone").await;
        let program = Program::on(&database);
        let gone = |command| ["events", command, "--listener", "notes.gone"];
        let refused = program.run(&gone("retry")).expect(1);
        assert!(refused.stderr.contains("events forget"), "{refused:?}");
        let all = program.run(&["events", "retry", "--json"]).expect(0).json();
        assert_eq!(all, serde_json::json!({"revived": 0, "without_listener": 1}));
        let dead = "SELECT count(*) AS n FROM event_deliveries WHERE dead_at IS NOT NULL";
        assert_eq!(database.number(dead).await, 1);

        let unconfirmed = program.run(&gone("forget")).expect(2);
        assert!(unconfirmed.stderr.contains("--yes"), "{unconfirmed:?}");
        let active = ["events", "forget", "--yes", "--listener", "projects.first_project"];
        let refused = program.run(&active).expect(1);
        assert!(refused.stderr.contains("is not dropped"), "{refused:?}");
        let forget = [&gone("forget")[..], &["--yes", "--json"]].concat();
        let forgotten = program.run(&forget).expect(0).json();
        assert_eq!(forgotten, serde_json::json!({"forgotten": 1}));
        assert_eq!(database.number(dead).await, 0);
    }

    async fn an_unknown_listener_is_wrong_usage(database: TestDatabase) {
        let program = Program::on(&database);
        for command in ["dead", "retry", "forget"] {
            let named = ["events", command, "--listener", "no.such_listener"];
            let sure: &[_] = if command == "forget" { &["--yes"] } else { &[] };
            let refused = program.run(&[&named[..], sure].concat()).expect(2);
            assert!(refused.stderr.contains("tenantry events status"), "{refused:?}");
        }
    }
}
