//! `jobs status`, `retry`, `run` and `forget`.

use std::time::Duration;

use serde_json::json;
use tenantry_testkit::{ApiClient, Backend, TestDatabase, each_database};
use tokio::time::sleep;

use crate::support::{Program, ServerProcess};

const ARCHIVE_IDLE: &str = "projects.archive_idle";

/// A program that archives projects after a month.
fn archiving(database: &TestDatabase) -> Program {
    Program::on(database)
        .with("TENANTRY__SERVER__PORT", "0")
        .with("TENANTRY__PROJECTS__ARCHIVE_AFTER_DAYS", "30")
}

/// An organization for each of these slugs, with one project that did not change since long ago.
async fn idle_projects(database: &TestDatabase, server: &ServerProcess, slugs: &[&str]) {
    let client = ApiClient::new(server.url());
    let account = json!({
        "email": "ada@example.com", "name": "Ada", "password": "correct horse battery",
    });
    client
        .post("/api/auth/signup", account)
        .send()
        .await
        .expect(201);
    for slug in slugs {
        let new = json!({"name": slug, "slug": slug});
        client
            .post("/api/organizations", new)
            .send()
            .await
            .expect(201);
        let new = client.post("/api/projects", json!({"name": "Idle"}));
        new.organization(slug).send().await.expect(201);
    }
    let idle = "UPDATE projects SET status = 'active', updated_at = '2020-01-05T09:00:00+00:00'";
    database.execute(idle).await;
}

/// A dead letter of a job, in an organization of that slug.
pub(crate) async fn insert_dead_job(database: &TestDatabase, job: &str, slug: &str) {
    let id = match database.backend() {
        Backend::Sqlite => format!("x'{}'", "02".repeat(16)),
        Backend::Postgres => format!("'{}'", "02".repeat(16)),
    };
    database
        .execute(&format!(
            "INSERT INTO event_deliveries (listener, stream_id, number, in_organization, event_id,
               event_name, recorded_at, attempts, next_attempt_at, dead_at, last_error)
             SELECT '{job}', id, -1, TRUE, {id}, '{job}', '2026-01-05T09:00:00+00:00', 15,
               '2026-01-05T09:00:00+00:00', '2026-01-05T10:00:00+00:00', 'the disk is full'
             FROM organizations WHERE slug = '{slug}'"
        ))
        .await;
}

async fn until_zero(database: &TestDatabase, count: &str) {
    while database.number(count).await > 0 {
        sleep(Duration::from_millis(50)).await;
    }
}

const JOBS: &str = "SELECT count(*) AS n FROM event_deliveries WHERE number < 0";

each_database! {
    async fn a_scheduled_job_is_run_now(database: TestDatabase) {
        let program = archiving(&database);
        let server = ServerProcess::start(&program, "saas");
        idle_projects(&database, &server, &["acme", "globex"]).await;
        let one = ["jobs", "run", ARCHIVE_IDLE, "--organization", "acme", "--json"];
        assert_eq!(program.run(&one).expect(0).json(), json!({"organizations": 1}));
        let archived = |slug| format!(
            "SELECT count(*) AS n FROM projects p JOIN organizations o ON o.id = p.organization_id
             WHERE o.slug = '{slug}' AND p.status = 'archived'"
        );
        while database.number(&archived("acme")).await == 0 {
            sleep(Duration::from_millis(50)).await;
        }
        until_zero(&database, JOBS).await;
        assert_eq!(database.number(&archived("globex")).await, 0);
        let all = ["jobs", "run", ARCHIVE_IDLE, "--json"];
        assert_eq!(program.run(&all).expect(0).json(), json!({"organizations": 2}));
        while database.number(&archived("globex")).await == 0 {
            sleep(Duration::from_millis(50)).await;
        }
        until_zero(&database, JOBS).await;
        let status = program.run(&["jobs", "status", "--json"]).expect(0).json();
        let job = &status["jobs"][0];
        assert_eq!((&job["job"], &job["schedule"]), (&json!(ARCHIVE_IDLE), &json!("30 3 * * *")));
        assert_eq!((&job["due"], &job["dead"]), (&json!(0), &json!(0)));
        let text = program.run(&["jobs", "status"]).expect(0).stdout;
        assert!(text.starts_with("JOB") && text.contains("30 3 * * *"), "{text}");
        drop(server);
    }

    async fn dead_jobs_are_shown_and_retried(database: TestDatabase) {
        let program = archiving(&database);
        let server = ServerProcess::start(&program, "saas");
        idle_projects(&database, &server, &["acme"]).await;
        drop(server);
        insert_dead_job(&database, ARCHIVE_IDLE, "acme").await;
        let status = program.run(&["jobs", "status", ARCHIVE_IDLE, "--json"]).expect(0).json();
        assert_eq!(status["jobs"][0]["dead"], 1);
        assert_eq!(status["dead_letters"][0]["last_error"], "the disk is full");
        let text = program.run(&["jobs", "status"]).expect(0).stdout;
        assert!(text.contains("the disk is full"), "{text}");
        let events = program.run(&["events", "dead", "--json"]).expect(0).json();
        assert_eq!(events, json!([]), "they are of no listener");
        let revived = program.run(&["jobs", "retry", "--json"]).expect(0).json();
        assert_eq!(revived, json!({"revived": 1, "without_handler": 0}));
        // What it held is not there, so it is dropped.
        let server = ServerProcess::start(&program, "saas");
        until_zero(&database, JOBS).await;
        drop(server);
    }

    async fn jobs_without_a_handler_are_not_retried_and_can_be_dropped(database: TestDatabase) {
        let program = archiving(&database);
        let server = ServerProcess::start(&program, "saas");
        idle_projects(&database, &server, &["acme"]).await;
        drop(server);
        insert_dead_job(&database, "notes.gone", "acme").await;
        let refused = program.run(&["jobs", "retry", "notes.gone"]).expect(1);
        assert!(refused.stderr.contains("jobs forget"), "{refused:?}");
        let all = program.run(&["jobs", "retry", "--json"]).expect(0).json();
        assert_eq!(all, json!({"revived": 0, "without_handler": 1}));
        let unconfirmed = program.run(&["jobs", "forget", "notes.gone"]).expect(2);
        assert!(unconfirmed.stderr.contains("--yes"), "{unconfirmed:?}");
        let refused = program.run(&["jobs", "forget", ARCHIVE_IDLE, "--yes"]).expect(1);
        assert!(refused.stderr.contains("are not dropped"), "{refused:?}");
        let forgotten = program.run(&["jobs", "forget", "notes.gone", "--yes", "--json"]).expect(0);
        assert_eq!(forgotten.json(), json!({"forgotten": 1}));
        assert_eq!(database.number(JOBS).await, 0);
    }

    async fn a_job_that_can_not_be_run_is_refused(database: TestDatabase) {
        let program = Program::on(&database);
        let refused = program.run(&["jobs", "run", ARCHIVE_IDLE]).expect(1);
        assert!(refused.stderr.contains("has no schedule"), "{refused:?}");
        for command in ["status", "retry", "run"] {
            let refused = program.run(&["jobs", command, "no.such_job"]).expect(2);
            assert!(refused.stderr.contains("tenantry jobs status"), "{refused:?}");
        }
        let elsewhere = ["jobs", "run", ARCHIVE_IDLE, "--organization", "nowhere"];
        let refused = archiving(&database).run(&elsewhere).expect(1);
        assert!(refused.stderr.contains("there is no organization nowhere"), "{refused:?}");
    }
}
