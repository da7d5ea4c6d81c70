//! The form of messages, and events that the broker rejects.

use chrono::TimeDelta;
use serde_json::Value;
use tenantry_core::{id::Uuid, runtime::Runtime};
use tenantry_domain_events::{EventBus, events::users::UserSignedIn};
use tenantry_testkit::{Backend, TestDatabase, each_database};

use crate::{
    broker::Broker,
    support::{Process, SizedEvent, fixed_clock, options, organization, sample_deleted},
};

const ORGANIZATION: &str = "00000000-0000-0000-0000-000000000001";
const USER: &str = "00000000-0000-0000-0000-000000000009";

each_database! {
    async fn a_message_is_the_envelope_under_the_subject_of_its_organization_or_user(
        db: TestDatabase
    ) {
        let broker = Broker::start();
        let process = Process::start(&db, &broker, Runtime::system()).await;
        process.record(&sample_deleted(1), 1).await;
        process.record(&UserSignedIn { user_id: Uuid::from_u128(9).into() }, 1).await;
        process.drain().await;
        let mut messages = broker.messages().await;
        messages.sort_by_key(|message| message.subject.to_string());
        let subjects: Vec<_> = messages.iter().map(|it| it.subject.to_string()).collect();
        assert_eq!(subjects, [
            format!("test.org.{ORGANIZATION}.samples.sample_deleted"),
            format!("test.user.{USER}.users.user_signed_in"),
        ]);
        let message = &messages[0];
        let envelope: Value = serde_json::from_slice(&message.payload).expect("JSON");
        let id = message.headers.get("Nats-Msg-Id").expect("an id").as_str();
        assert_eq!(envelope["id"], id);
        assert_eq!(envelope["organization_id"], ORGANIZATION);
        assert_eq!(envelope["name"], "samples.sample_deleted");
        assert_eq!(envelope["version"], 1);
        assert_eq!(envelope["number"], 1);
        assert_eq!(envelope["payload"]["organization_id"], ORGANIZATION);
        assert_eq!(message.headers.get("Tenantry-Number").expect("one").as_str(), "1");
        assert!(message.headers.get("Tenantry-Omitted").is_none());
    }
}

/// These tests don't depend on the kind of database.
async fn database() -> TestDatabase {
    TestDatabase::new(Backend::Sqlite).await
}

async fn record_sized(process: &Process, length: usize) {
    let event = SizedEvent {
        organization_id: organization(1),
        text: "x".repeat(length),
    };
    process.record(&event, 1).await;
}

#[tokio::test]
async fn an_oversized_event_is_sent_without_its_payload_and_blocks_no_other() {
    let broker = Broker::with("max_payload: 4096");
    let process = Process::start(&database().await, &broker, Runtime::system()).await;
    for length in [10, 10_000, 20] {
        record_sized(&process, length).await;
    }
    process.drain().await;
    assert_eq!(process.left().await, (0, 0));
    let messages = broker.messages().await;
    let lengths: Vec<_> = messages
        .iter()
        .map(|message| {
            let envelope: Value = serde_json::from_slice(&message.payload).expect("JSON");
            let omitted = message.headers.get("Tenantry-Omitted").is_some();
            assert_eq!(omitted, envelope["payload"].is_null());
            envelope["payload"]["text"].as_str().map(str::len)
        })
        .collect();
    assert_eq!(lengths, [Some(10), None, Some(20)]);
}

#[tokio::test]
async fn events_of_a_database_older_than_the_stream_wait_for_an_operator() {
    let broker = Broker::start();
    let (lost, restored) = (database().await, database().await);
    let before = Process::start(&lost, &broker, Runtime::system()).await;
    record_sized(&before, 1).await;
    before.drain().await;
    let after = Process::start(&restored, &broker, Runtime::system()).await;
    record_sized(&after, 2).await;
    after.drain().await;
    assert_eq!(broker.messages().await.len(), 1);
    assert_eq!(
        after.left().await,
        (1, 0),
        "it is not mistaken for the published event"
    );
    let rows = restored
        .query("SELECT last_error FROM event_deliveries")
        .await;
    let problem = rows[0]["last_error"].as_str().expect("a problem");
    assert!(problem.contains("the database is older"), "{problem}");
}

#[tokio::test]
async fn a_stream_that_does_not_accept_the_subjects_is_named_in_the_error() {
    let broker = Broker::start();
    let config = async_nats::jetstream::stream::Config {
        name: "EVENTS".to_owned(),
        subjects: vec!["others.>".to_owned()],
        ..Default::default()
    };
    let made = broker.jetstream().await.create_stream(config).await;
    made.expect("a new stream");
    let db = database().await;
    let process = Process::start(&db, &broker, Runtime::system()).await;
    record_sized(&process, 1).await;
    process.drain().await;
    assert_eq!(process.left().await, (1, 0));
    let rows = db.query("SELECT last_error FROM event_deliveries").await;
    let problem = rows[0]["last_error"].as_str().expect("a problem");
    assert!(
        problem.contains("the stream EVENTS does not take"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_deleted_stream_is_created_again() {
    let broker = Broker::start();
    let (clock, runtime) = fixed_clock();
    let db = database().await;
    let process = Process::start(&db, &broker, runtime).await;
    record_sized(&process, 1).await;
    process.drain().await;
    let deleted = broker.jetstream().await.delete_stream("EVENTS").await;
    deleted.expect("it was there");
    record_sized(&process, 2).await;
    process.drain().await;
    clock.advance(TimeDelta::seconds(30));
    process.drain().await;
    assert_eq!(process.left().await, (0, 0));
    assert_eq!(broker.messages().await.len(), 1);
}

#[tokio::test]
async fn credentials_of_the_address_are_used() {
    let broker = Broker::with("authorization { user: app, password: \"s3cret/\" }");
    let address = broker.address();
    for (credentials, left) in [("", 1), ("app:wrong@", 1), ("app:s3cret%2F@", 0)] {
        let options = options(&format!("{credentials}{address}"));
        let db = database().await;
        let process = Process::with(&db, options, Runtime::system(), EventBus::new()).await;
        record_sized(&process, 1).await;
        process.drain().await;
        assert_eq!(process.left().await, (left, 0), "{credentials}");
        let rows = db.query("SELECT last_error FROM event_deliveries").await;
        assert!(
            rows.iter().all(|row| !row.to_string().contains("s3cret")),
            "{rows:?}"
        );
    }
}
