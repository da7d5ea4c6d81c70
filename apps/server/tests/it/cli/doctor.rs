//! `doctor`.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use serde_json::Value;
use tenantry_testkit::{Backend, TestDatabase};

use crate::support::{Program, SECRET};

/// The name and remedy of each failed check.
fn findings(program: &Program, code: i32) -> Vec<(String, String)> {
    let checks = program.run(&["doctor", "--json"]).expect(code).json();
    let checks = checks.as_array().expect("a list").iter();
    let found = checks.filter(|check| !check["remedy"].is_null());
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    found
        .map(|check| (text(&check["name"]), text(&check["remedy"])))
        .collect()
}

fn empty_folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).expect("a writable directory");
    folder
}

async fn a_healthy_deployment_has_no_findings(backend: Backend) {
    let database = TestDatabase::new(backend).await;
    let program = Program::on(&database);
    assert_eq!(findings(&program, 0), []);
    let text = program.run(&["doctor"]).expect(0).stdout;
    for name in [
        "migrations",
        "database",
        "clock",
        "row-level security",
        "session secret",
        "public address",
    ] {
        let line = text.lines().find(|line| line.contains(name));
        assert!(line.is_some_and(|line| line.starts_with("ok")), "{text}");
    }
}

#[tokio::test]
async fn a_healthy_deployment_has_no_findings_on_sqlite() {
    a_healthy_deployment_has_no_findings(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_healthy_deployment_has_no_findings_on_postgres() {
    a_healthy_deployment_has_no_findings(Backend::Postgres).await;
}

#[tokio::test]
async fn pending_migrations_are_a_finding() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = TestDatabase::new(backend).await;
        let program = Program::on(&database);
        program.run(&["migrate", "down", "--yes"]).expect(0);
        let found = findings(&program, 1);
        let (name, remedy) = &found[0];
        assert_eq!(name, "migrations");
        assert!(remedy.contains("tenantry migrate up"), "{remedy}");
    }
}

#[tokio::test]
async fn an_unreachable_database_is_a_finding_and_is_not_created() {
    let unreachable = Program::bare()
        .with("DATABASE_URL", "postgres://app@127.0.0.1:1/nothing")
        .with("TENANTRY__SESSION__SECRET", SECRET);
    assert_eq!(findings(&unreachable, 1)[0].0, "database");

    let folder = empty_folder("doctor-fresh");
    let fresh = Program::bare().in_folder(folder.clone());
    assert_eq!(findings(&fresh, 1)[0].0, "migrations");
    let left = fs::read_dir(folder).expect("readable").count();
    assert_eq!(left, 0, "doctor writes nothing");
}

#[tokio::test]
async fn a_table_owner_role_and_a_table_without_rls_are_findings() {
    let database = TestDatabase::new(Backend::Postgres).await;
    let owner = Program::on(&database).with("DATABASE_URL", database.owner_url());
    let found = findings(&owner, 1);
    let [(name, remedy)] = &found[..] else {
        panic!("one remedy for all tables: {found:?}");
    };
    assert_eq!(name, "row-level security");
    assert!(remedy.contains("make a role"), "{remedy}");

    database
        .execute("ALTER TABLE projects DISABLE ROW LEVEL SECURITY")
        .await;
    database
        .execute("ALTER TABLE invitations DISABLE ROW LEVEL SECURITY")
        .await;
    let program = Program::on(&database);
    let found = findings(&program, 1);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "row-level security");
    let text = program.run(&["doctor"]).expect(1).stdout;
    assert!(text.contains("invitations, projects"), "{text}");
    let refused = program.run(&["serve"]).expect(1).stderr;
    assert_eq!(refused.lines().count(), 1, "{refused}");
}

#[tokio::test]
async fn rights_that_the_application_does_not_need_are_a_finding_until_they_are_taken_back() {
    let database = TestDatabase::new(Backend::Postgres).await;
    database
        .execute(
            "GRANT ALL ON personal_events, event_log TO tenantry_app;
             ALTER DEFAULT PRIVILEGES FOR ROLE tenantry_owner IN SCHEMA public
               GRANT ALL ON TABLES TO tenantry_app;
             GRANT CREATE ON SCHEMA public TO PUBLIC",
        )
        .await;
    let program = Program::on(&database);
    let found = findings(&program, 1);
    let [(name, remedy)] = &found[..] else {
        panic!("one remedy for all rights: {found:?}");
    };
    assert_eq!(name, "rights");
    assert!(remedy.contains("tenantry migrate up"), "{remedy}");
    let text = program.run(&["doctor"]).expect(1).stdout;
    for right in [
        "UPDATE on personal_events",
        "DELETE on event_log",
        "CREATE on the schema",
        "by default DELETE on later tables",
    ] {
        assert!(text.contains(right), "{text}");
    }
    let said = program.run(&["migrate", "up"]).expect(0).stdout;
    for right in ["UPDATE on personal_events", "DELETE on event_log"] {
        let line = format!("revoked {right}");
        assert!(said.lines().any(|found| found == line), "{said}");
    }
    assert_eq!(findings(&program, 0), []);
    let again = program.run(&["migrate", "up"]).expect(0);
    assert_eq!(again.stdout, "nothing to do\n");
}

#[tokio::test]
async fn what_opens_row_level_security_is_refused_at_the_start_and_named() {
    for (statement, named) in [
        (
            "CREATE POLICY extra ON projects USING (true)",
            "the policy extra on projects",
        ),
        (
            "CREATE VIEW allp AS SELECT * FROM projects; GRANT SELECT ON allp TO tenantry_app",
            "the view allp",
        ),
        (
            "CREATE FUNCTION sd() RETURNS SETOF projects LANGUAGE sql SECURITY DEFINER
               AS 'select * from projects'; GRANT EXECUTE ON FUNCTION sd() TO PUBLIC",
            "the function sd()",
        ),
    ] {
        let database = TestDatabase::new(Backend::Postgres).await;
        database.execute(statement).await;
        let program = Program::on(&database);
        let refused = program.run(&["serve"]).expect(1).stderr;
        assert!(refused.contains(named), "{refused}");
        let found = findings(&program, 1);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "row-level security");
        let text = program.run(&["doctor"]).expect(1).stdout;
        assert!(text.contains(named), "{text}");
    }
}

#[tokio::test]
async fn a_view_of_a_newer_version_is_left_to_it() {
    let database = TestDatabase::new(Backend::Postgres).await;
    let known = tenantry_migrations::status(database.owner_url()).await;
    let newest = known.expect("works").pop().expect("migrations").name;
    database
        .execute(&format!(
            "CREATE VIEW newer AS SELECT * FROM projects;
             ALTER VIEW newer OWNER TO tenantry_owner;
             INSERT INTO seaql_migrations VALUES ('projects_0900_newer', 1);
             INSERT INTO migration_compatibility VALUES ('projects_0900_newer', '{newest}')"
        ))
        .await;
    let program = Program::on(&database);
    program.run(&["migrate", "up"]).expect(0);
    assert_eq!(findings(&program, 0), []);
    program.run(&["migrate", "up"]).expect(0);
    let may = "SELECT has_table_privilege('tenantry_app', 'newer', 'SELECT')::int AS n";
    assert_eq!(database.number(may).await, 1);
}

#[tokio::test]
async fn the_waits_in_force_are_shown() {
    let database = TestDatabase::new(Backend::Postgres).await;
    let program = Program::on(&database).with("TENANTRY__DATABASE__LOCK_SECONDS", "1");
    let text = program.run(&["doctor"]).expect(0).stdout;
    let waits = "a lock 1s, a statement 10s, an idle transaction 2s";
    assert!(text.contains(waits), "{text}");
}

#[tokio::test]
async fn row_level_security_is_not_fine_before_there_is_a_table() {
    let database = TestDatabase::empty(Backend::Postgres).await;
    let text = Program::on(&database).run(&["doctor"]).expect(1).stdout;
    let line = text
        .lines()
        .find(|line| line.contains("row-level security"));
    assert!(line.is_some_and(|line| line.starts_with("FIX")), "{text}");
    assert!(text.contains("no table yet"), "{text}");
}

#[tokio::test]
async fn weak_secrets_are_findings() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    let monotonous = "tenantry".replace('t', "e").repeat(8);
    let weak = Program::on(&database).with("TENANTRY__SESSION__SECRET", &monotonous);
    assert_eq!(findings(&weak, 1)[0].0, "session secret");

    let folder = empty_folder("doctor-embedded");
    let embedded = Program::bare().in_folder(folder.clone());
    embedded.run(&["seed"]).expect(0);
    assert_eq!(findings(&embedded, 0), []);
    let secret = folder.join("tenantry.db.secret");
    fs::set_permissions(secret, fs::Permissions::from_mode(0o644)).expect("a child process");
    assert_eq!(findings(&embedded, 1)[0].0, "session secret");
}

#[tokio::test]
async fn a_public_address_without_https_is_a_finding() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    let program = || Program::on(&database).with("TENANTRY__SERVER__HOST", "0.0.0.0");
    assert_eq!(findings(&program(), 1)[0].0, "public address");
    let insecure = program().with("TENANTRY__SERVER__PUBLIC_URL", "http://example.com");
    assert_eq!(findings(&insecure, 1)[0].0, "public address");
    let secure = with_mail(program()).with("TENANTRY__SERVER__PUBLIC_URL", "https://example.com");
    assert_eq!(findings(&secure, 0), []);
}

/// What a public deployment has besides: mail, and confirmed addresses.
fn with_mail(program: Program) -> Program {
    program
        .with("TENANTRY__MAIL__URL", "smtps://app:secret@mail.example.com")
        .with("TENANTRY__MAIL__FROM", "no-reply@example.com")
        .with("TENANTRY__AUTH__EMAIL_VERIFICATION", "required")
}

#[tokio::test]
async fn a_public_address_without_mail_is_a_finding_and_unconfirmed_addresses_are_a_question() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    let public = || {
        Program::on(&database)
            .with("TENANTRY__SERVER__PUBLIC_URL", "https://example.com")
            .with("TENANTRY__SERVER__TRUSTED_PROXIES", "10.0.0.0/8")
    };
    let (name, remedy) = findings(&public(), 1).remove(0);
    assert_eq!(name, "mail");
    assert!(remedy.contains("TENANTRY__MAIL__URL"), "{remedy}");
    let mailed = public()
        .with("TENANTRY__MAIL__URL", "smtp://app:hunter2@mail.example.com")
        .with("TENANTRY__MAIL__FROM", "no-reply@example.com");
    let text = mailed.run(&["doctor"]).expect(0).stdout;
    let line = text
        .lines()
        .find(|line| line.contains("confirmed addresses"));
    assert!(line.is_some_and(|line| line.starts_with("ASK")), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let required = Program::on(&database).with("TENANTRY__AUTH__EMAIL_VERIFICATION", "required");
    assert_eq!(findings(&required, 1)[0].0, "confirmed addresses");
}

#[tokio::test]
async fn doctor_asks_about_a_proxy_where_the_public_address_is_not_this_machines() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    let asked = |program: Program| {
        let text = program.run(&["doctor"]).stdout;
        let line = text.lines().find(|line| line.contains("trusted proxies"));
        let line = line.unwrap_or_else(|| panic!("{text}"));
        line.starts_with("ASK") && line.contains("TENANTRY__SERVER__TRUSTED_PROXIES")
    };
    let at =
        |url: &str| with_mail(Program::on(&database)).with("TENANTRY__SERVER__PUBLIC_URL", url);
    for elsewhere in [
        "https://example.com",
        "http://example.com",
        "https://192.0.2.1",
        "https://[2001:db8::1]:8443",
        "https://localhost.example.com",
    ] {
        assert!(asked(at(elsewhere)), "{elsewhere}");
        let proxies = at(elsewhere).with("TENANTRY__SERVER__TRUSTED_PROXIES", "10.0.0.0/8");
        assert!(!asked(proxies), "{elsewhere}");
    }
    for here in [
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "http://[::1]",
        "https://app.localhost",
    ] {
        assert!(!asked(at(here)), "{here}");
    }
    assert!(!asked(Program::on(&database)));
    assert!(asked(
        Program::on(&database).with("TENANTRY__SERVER__HOST", "0.0.0.0")
    ));
    let listens_there = at("http://192.0.2.1").with("TENANTRY__SERVER__HOST", "192.0.2.1");
    assert!(!asked(listens_there));

    for wide in [
        "0.0.0.0/0",
        "::/0",
        "10.0.0.0/8,0.0.0.0/1,128.0.0.0/1",
        "::ffff:0.0.0.0/96",
        "64.0.0.0/3",
        "2000::/3",
    ] {
        let program = at("https://example.com").with("TENANTRY__SERVER__TRUSTED_PROXIES", wide);
        let found = findings(&program, 1);
        assert_eq!(found.len(), 1, "{wide}: {found:?}");
        assert_eq!(found[0].0, "trusted proxies", "{wide}");
    }
    let private = "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7,104.16.0.0/13";
    let program = at("https://example.com").with("TENANTRY__SERVER__TRUSTED_PROXIES", private);
    assert_eq!(findings(&program, 0), []);

    // A question is no finding.
    assert_eq!(findings(&at("https://example.com"), 0), []);
    let checks = at("https://example.com")
        .run(&["doctor", "--json"])
        .expect(0)
        .json();
    let checks = checks.as_array().expect("a list").iter();
    let questions: Vec<_> = checks
        .filter(|check| check["question"].is_string())
        .collect();
    assert_eq!(questions.len(), 1, "{questions:?}");
    assert_eq!(questions[0]["name"], "trusted proxies");
}

#[tokio::test]
async fn a_dedicated_deployment_without_its_organization_is_a_finding() {
    let database = TestDatabase::new(Backend::Postgres).await;
    let program = Program::on(&database)
        .with("DEPLOYMENT_MODE", "dedicated")
        .with("DEDICATED_ORG_SLUG", "acme");
    assert_eq!(findings(&program, 1)[0].0, "organization");
    let owner = ["--email", "ada@example.com", "--name", "Ada"];
    program
        .run(&[&["user", "create"][..], &owner[..]].concat())
        .expect(0);
    let acme = ["org", "create", "--name", "Acme", "--owner-email", owner[1]];
    program.run(&acme).expect(0);
    assert_eq!(findings(&program, 0), []);
    program.run(&["org", "disable", "acme"]).expect(0);
    assert_eq!(findings(&program, 1)[0].0, "organization");
}
