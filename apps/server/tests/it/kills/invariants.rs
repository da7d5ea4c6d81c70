//! What must hold in the database afterwards.

use std::collections::HashSet;

use serde_json::Value;
use tenantry_testkit::TestDatabase;

use super::{FIRST, load::Acknowledged};

/// The number of pending deliveries and jobs. A schedule always waits.
pub(super) async fn pending_deliveries(db: &TestDatabase) -> i64 {
    db.number("SELECT count(*) AS n FROM event_deliveries WHERE number <> 0")
        .await
}

/// Every project that was to be archived is, and one event tells of it: each committed job was done,
/// and had its effect once.
async fn check_jobs(db: &TestDatabase) {
    let left = "SELECT count(*) AS n FROM jobs";
    assert_eq!(
        db.number(left).await,
        0,
        "a job is neither waiting nor done"
    );
    let idle = "SELECT count(*) AS n FROM projects WHERE status = 'active'";
    assert_eq!(db.number(idle).await, 0, "a job had no effect");
    let archived = "SELECT count(*) AS n FROM projects WHERE status = 'archived'";
    let archived = db.number(archived).await;
    let events = "SELECT payload FROM event_log WHERE name = 'projects.bulk_status_changed'";
    let mut named = Vec::new();
    for row in db.query(events).await {
        let payload = match &row["payload"] {
            Value::String(text) => serde_json::from_str(text).expect("JSON"),
            payload => payload.clone(),
        };
        let ids = payload["project_ids"].as_array().expect("a list").clone();
        named.extend(ids.into_iter().map(|id| id.to_string()));
    }
    assert!(archived > 0, "no job had anything to do");
    assert_eq!(named.len() as i64, archived, "an effect happened twice");
    assert_eq!(named.iter().collect::<HashSet<_>>().len(), named.len());
}

async fn names(db: &TestDatabase, sql: &str) -> HashSet<String> {
    let rows = db.query(sql).await;
    let names = rows.iter().map(|row| row["name"].as_str().expect("text"));
    names.map(str::to_owned).collect()
}

pub(super) async fn check(db: &TestDatabase, acknowledged: &Acknowledged) {
    check_jobs(db).await;
    let organizations = names(db, "SELECT slug AS name FROM organizations").await;
    for slug in &acknowledged.organizations {
        assert!(
            organizations.contains(slug),
            "{slug} was acknowledged and is lost"
        );
    }
    let projects = names(db, "SELECT name FROM projects").await;
    for name in &acknowledged.projects {
        assert!(
            projects.contains(name),
            "{name} was acknowledged and is lost"
        );
    }
    let none = [
        (
            "an organization without exactly one first project",
            format!(
                "SELECT count(*) AS n FROM organizations o WHERE 1 <>
                 (SELECT count(*) FROM projects p
                  WHERE p.organization_id = o.id AND p.name = '{FIRST}')"
            ),
        ),
        (
            "an organization that is not in the log exactly once",
            "SELECT count(*) AS n FROM organizations o WHERE 1 <>
             (SELECT count(*) FROM event_log e WHERE e.organization_id = o.id
              AND e.name = 'organizations.organization_created')"
                .to_owned(),
        ),
        (
            "a project that is not in the log, or one in the log that does not exist",
            "SELECT count(*) AS n FROM organizations o WHERE
             (SELECT count(*) FROM projects p WHERE p.organization_id = o.id) <>
             (SELECT count(*) FROM event_log e WHERE e.organization_id = o.id
              AND e.name = 'projects.project_created')"
                .to_owned(),
        ),
        (
            "a stream with a gap",
            "SELECT count(*) AS n FROM event_streams s WHERE s.last_number <>
             (SELECT count(*) FROM event_log e WHERE e.stream_id = s.stream_id)"
                .to_owned(),
        ),
    ];
    for (what, sql) in none {
        assert_eq!(db.number(&sql).await, 0, "{what}");
    }
}
