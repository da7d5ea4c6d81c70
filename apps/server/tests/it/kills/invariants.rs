//! What must hold in the database afterwards.

use std::collections::HashSet;

use tenantry_testkit::TestDatabase;

use super::{FIRST, load::Acknowledged};

/// The number of pending deliveries.
pub(super) async fn pending_deliveries(db: &TestDatabase) -> i64 {
    db.number("SELECT count(*) AS n FROM event_deliveries")
        .await
}

async fn names(db: &TestDatabase, sql: &str) -> HashSet<String> {
    let rows = db.query(sql).await;
    let names = rows.iter().map(|row| row["name"].as_str().expect("text"));
    names.map(str::to_owned).collect()
}

pub(super) async fn check(db: &TestDatabase, acknowledged: &Acknowledged) {
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
