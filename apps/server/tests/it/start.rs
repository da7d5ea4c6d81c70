//! What a start says and does where the database is not the one that it needs.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use serde_json::json;
use tenantry_testkit::{Backend, TestDatabase, each_database};

use crate::support::{Program, SECRET, ServerProcess, TestServer, sqlite_file};

/// The names of all tables.
async fn tables(database: &TestDatabase) -> Vec<String> {
    let rows = match database.backend() {
        Backend::Postgres => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        }
        Backend::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1",
    };
    let rows = database.query(rows).await;
    rows.iter()
        .map(|row| row["name"].as_str().expect("text").to_owned())
        .collect()
}

fn migrating(database: &TestDatabase) -> Program {
    Program::on(database)
        .with("TENANTRY__SERVER__PORT", "0")
        .with("TENANTRY__DATABASE__MIGRATE_ON_START", "true")
}

each_database! {
    async fn a_database_of_another_program_stays_as_it_is(database: TestDatabase) {
        for theirs in [
            &["CREATE TABLE invoices (id BIGINT)"][..],
            &["CREATE TABLE sums (id BIGINT)", "CREATE VIEW users AS SELECT 1 AS id"],
            // A program that uses the same library of migrations.
            &[
                "CREATE TABLE seaql_migrations (version varchar PRIMARY KEY, applied_at bigint NOT NULL)",
                "INSERT INTO seaql_migrations VALUES ('m20220101_000001_create_table', 1)",
                "GRANT SELECT ON seaql_migrations TO PUBLIC",
            ],
            // The same, before its first migration.
            &[
                "CREATE TABLE seaql_migrations (version varchar PRIMARY KEY, applied_at bigint NOT NULL)",
                "CREATE TABLE invoices (id BIGINT)",
                "GRANT SELECT ON seaql_migrations TO PUBLIC",
            ],
        ] {
            let database = TestDatabase::empty(database.backend()).await;
            for statement in theirs {
                if database.backend() == Backend::Postgres || !statement.starts_with("GRANT") {
                    database.execute(statement).await;
                }
            }
            let before = tables(&database).await;
            let content = sqlite_file(&database).map(|file| fs::read(file).expect("readable"));
            let program = migrating(&database);
            for command in [&["serve"][..], &["migrate", "up"], &["migrate", "status"], &["migrate", "fresh", "--yes"], &["org", "list"]] {
                let refused = program.run(command).expect(1);
                assert!(refused.stderr.contains("another program"), "{refused:?}");
                assert!(refused.stderr.contains("name a database"), "{refused:?}");
            }
            let doctor = program.run(&["doctor"]).expect(1).stdout;
            assert!(doctor.contains("another program"), "{doctor}");
            assert!(!doctor.contains("migrate up"), "{doctor}");
            assert_eq!(tables(&database).await, before);
            if let Some(file) = sqlite_file(&database) {
                assert_eq!(Some(fs::read(&file).expect("readable")), content);
                let folder = file.parent().expect("a folder");
                let files = fs::read_dir(folder).expect("readable").count();
                assert_eq!(files, 1, "no file beside it");
            }
        }
    }
}

each_database! {
    async fn the_version_before_starts_on_a_newer_database_that_says_so(database: TestDatabase) {
        let known = tenantry_migrations::status(database.owner_url()).await.expect("works");
        let newest = &known.last().expect("migrations").name;
        database
            .execute("INSERT INTO seaql_migrations VALUES ('projects_0900_colours', 1)")
            .await;
        let program = migrating(&database);
        let refused = program.run(&["serve"]).expect(1);
        assert!(refused.stderr.contains("projects_0900_colours"), "{refused:?}");

        let says = format!("INSERT INTO migration_compatibility VALUES ('projects_0900_colours', '{newest}')");
        database.execute(&says).await;
        for on_start in ["true", "false"] {
            let program = migrating(&database).with("TENANTRY__DATABASE__MIGRATE_ON_START", on_start);
            let server = ServerProcess::start(&program, "saas");
            let ready = server.client().get("/health/ready").send().await.expect(200);
            assert_eq!(ready.json()["status"], "ready");
        }
        let doctor = program.run(&["doctor"]).expect(0).stdout;
        assert!(doctor.contains("projects_0900_colours"), "{doctor}");
        program.run(&["migrate", "up"]).expect(0);
        program.run(&["migrate", "down", "--yes"]).expect(1);

        database.execute("UPDATE migration_compatibility SET needs = 'projects_0899_gone'").await;
        let refused = program.run(&["serve"]).expect(1);
        assert!(refused.stderr.contains("newer version"), "{refused:?}");
    }
}

#[test]
fn a_file_that_is_no_database_stays_as_it_is() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("start-no-database");
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).expect("a writable directory");
    let file = folder.join("tenantry.db");
    let text = "Dear diary, ".repeat(100);
    fs::write(&file, &text).expect("writable");
    let refused = Program::bare()
        .in_folder(folder.clone())
        .run(&["serve"])
        .expect(1);
    assert!(refused.stderr.contains("no SQLite database"), "{refused:?}");
    assert_eq!(fs::read_to_string(&file).expect("readable"), text);
    assert_eq!(fs::read_dir(folder).expect("readable").count(), 1);
}

#[test]
fn a_folder_that_is_missing_or_no_file_is_named_and_stays_as_it_is() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("start-folder");
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(folder.join("is.db")).expect("a writable directory");
    let mode = || {
        fs::metadata(folder.join("is.db"))
            .expect("there")
            .permissions()
            .mode()
    };
    let before = mode();
    for url in ["sqlite://is.db", "sqlite://missing/a.db"] {
        let program = Program::bare()
            .in_folder(folder.clone())
            .with("DATABASE_URL", url);
        let refused = program.run(&["serve"]).expect(1);
        assert!(
            refused.stderr.contains("a folder that exists"),
            "{refused:?}"
        );
        let doctor = program.run(&["doctor"]).expect(1).stdout;
        assert!(doctor.contains("FIX  database file"), "{doctor}");
        assert!(!doctor.contains("chmod"), "{doctor}");
    }
    assert_eq!(mode(), before);
    assert_eq!(fs::read_dir(folder).expect("readable").count(), 1);
}

fn at(url: &str) -> Program {
    Program::bare()
        .with("DATABASE_URL", url)
        .with("TENANTRY__SESSION__SECRET", SECRET)
}

#[tokio::test]
async fn a_start_and_the_doctor_say_what_the_server_refused() {
    let database = TestDatabase::new(Backend::Postgres).await;
    let (address, _) = database.url().split_once('?').expect("with parameters");
    let (login, host) = address.split_once('@').expect("with a role");
    let (server, _) = host.split_once('/').expect("with a database");
    let of = |parameters: &str| format!("{address}?{parameters}");
    for (url, cause, remedy) in [
        (
            "postgres://app@127.0.0.1:1/none".to_owned(),
            "Connection refused",
            "start it",
        ),
        (of("sslmode=verify-full"), "certificate", "sslrootcert"),
        (
            of("sslmode=verify-full&sslrootcert=/does/not/exist"),
            "No such file",
            "sslrootcert",
        ),
        (
            format!("postgres://tenantry_app:wrong@{host}?sslmode=disable"),
            "password",
            "the role and its password",
        ),
        (
            format!("{login}@{server}/none?sslmode=disable"),
            "none",
            "create the database",
        ),
        (
            "postgres://app@host.invalid/none".to_owned(),
            "lookup",
            "correct the host",
        ),
        (
            "postgres:///none?host=/does/not/exist&user=app".to_owned(),
            "No such file",
            "start it",
        ),
    ] {
        let refused = at(&url).run(&["serve"]).expect(1);
        assert!(refused.stderr.contains(cause), "{cause}: {refused:?}");
        assert!(refused.stderr.contains(remedy), "{remedy}: {refused:?}");
        assert!(!refused.stderr.contains("timed out"), "{refused:?}");
        let checks = at(&url).run(&["doctor", "--json"]).expect(1).json();
        let found = checks[0]["found"].as_str().expect("text");
        assert!(found.contains(cause), "{checks}");
        let said = checks[0]["remedy"].as_str().expect("a finding");
        assert!(said.contains(remedy), "{checks}");
        assert_eq!(said.contains("start it"), remedy == "start it", "{checks}");
    }
}

#[tokio::test]
async fn a_postgres_that_is_too_old_is_refused_before_anything_is_written() {
    let database = TestDatabase::empty(Backend::Postgres).await;
    // A function that hides the version of the server.
    for statement in [
        "CREATE SCHEMA old",
        "CREATE FUNCTION old.current_setting(text) RETURNS text LANGUAGE sql AS $$
           SELECT CASE $1 WHEN 'server_version_num' THEN '140012' WHEN 'server_version' THEN '14.12'
                  ELSE pg_catalog.current_setting($1) END $$",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = old, pg_catalog, public',
           current_database()); END $$",
        "GRANT USAGE ON SCHEMA old TO PUBLIC",
    ] {
        database.execute(statement).await;
    }
    let before = tables(&database).await;
    let program = migrating(&database);
    for command in [&["serve"][..], &["migrate", "up"], &["migrate", "status"]] {
        let refused = program.run(command).expect(1);
        assert!(refused.stderr.contains("Postgres 14.12"), "{refused:?}");
        assert!(
            refused.stderr.contains("Postgres 15 or later"),
            "{refused:?}"
        );
        assert!(refused.stderr.contains("upgrade the server"), "{refused:?}");
    }
    let waiting = program.with("TENANTRY__DATABASE__MIGRATE_ON_START", "false");
    let refused = waiting.run(&["serve"]).expect(1);
    assert!(
        refused.stderr.contains("Postgres 15 or later"),
        "{refused:?}"
    );
    assert_eq!(tables(&database).await, before);
}

#[test]
fn a_missing_file_that_may_not_be_created_leaves_nothing_behind() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("start-missing-file");
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).expect("a writable directory");
    let program = Program::bare()
        .in_folder(folder.clone())
        .with("DATABASE_URL", "sqlite://tenantry.db?mode=rw");
    for command in [
        &["serve"][..],
        &["migrate", "up"],
        &["migrate", "fresh", "--yes"],
        &["seed"],
    ] {
        let refused = program.run(command).expect(1);
        assert!(refused.stderr.contains("mode=rwc creates"), "{refused:?}");
        assert_eq!(
            fs::read_dir(&folder).expect("readable").count(),
            0,
            "{command:?}"
        );
    }
}

#[tokio::test]
async fn the_first_start_logs_one_line_and_prints_its_address() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("first-start.log");
    let program = Program::bare()
        .with("DATABASE_URL", database.url())
        .with("TENANTRY__SERVER__PORT", "0")
        .logging_to(&log);
    let server = ServerProcess::start(&program, "saas");
    server.client().get("/health/live").send().await.expect(200);
    assert_eq!(server.lines.len(), 4, "{:?}", server.lines);
    let logged = fs::read_to_string(&log).expect("a log");
    let before: Vec<_> = logged
        .lines()
        .filter(|line| !line.contains("\"target\":\"access\""))
        .collect();
    assert_eq!(before.len(), 1, "{before:#?}");
    assert!(before[0].contains("migrations applied"), "{before:#?}");
}

/// The modes of the files in the folder of a database.
fn modes(database: &TestDatabase) -> Vec<(String, u32)> {
    let file = sqlite_file(database).expect("SQLite");
    let entries = fs::read_dir(file.parent().expect("a folder")).expect("readable");
    let mode = |entry: fs::DirEntry| {
        let mode = entry.metadata().expect("there").permissions().mode();
        (
            entry.file_name().to_string_lossy().into_owned(),
            mode & 0o777,
        )
    };
    let mut modes: Vec<_> = entries.flatten().map(mode).collect();
    modes.sort();
    modes
}

#[tokio::test]
async fn only_their_owner_can_read_the_files_of_sqlite() {
    let database = TestDatabase::empty(Backend::Sqlite).await;
    let program = Program::bare()
        .with("DATABASE_URL", database.url())
        .with("TENANTRY__SERVER__PORT", "0");
    let server = ServerProcess::start(&program, "saas");
    let all = ["", "-shm", "-wal", ".migrate-lock", ".secret"];
    let expected: Vec<_> = all
        .iter()
        .map(|suffix| (format!("tenantry.db{suffix}"), 0o600))
        .collect();
    assert_eq!(modes(&database), expected);
    drop(server);

    // Files of an older version, and of a process that was killed.
    let file = sqlite_file(&database).expect("SQLite");
    for suffix in ["", "-shm", "-wal", ".migrate-lock"] {
        let name = format!("{}{suffix}", file.display());
        fs::set_permissions(&name, fs::Permissions::from_mode(0o644)).expect("our own file");
    }
    let doctor = program.run(&["doctor"]).expect(1).stdout;
    assert!(doctor.contains("chmod 600"), "{doctor}");
    let server = ServerProcess::start(&program, "saas");
    assert_eq!(modes(&database), expected);
    drop(server);
    program.run(&["doctor"]).expect(0);
}

#[tokio::test]
async fn a_database_that_is_read_only_by_default_refuses_writes_with_503() {
    let database = TestDatabase::new(Backend::Postgres).await;
    let before = TestServer::start(&database).await;
    let client = before.client();
    let account =
        json!({"email": "ada@example.com", "name": "Ada", "password": "correct horse battery"});
    client
        .post("/api/auth/signup", &account)
        .send()
        .await
        .expect(201);
    let cookie = client.cookies().expect("a session");
    before.stop().await;
    Program::on(&database).run(&["doctor"]).expect(0);

    let name = database
        .query("SELECT current_database()::text AS name")
        .await;
    let name = name[0]["name"].as_str().expect("text").to_owned();
    database
        .execute(&format!(
            "ALTER DATABASE \"{name}\" SET default_transaction_read_only = on"
        ))
        .await;
    let server = TestServer::start(&database).await;
    let client = server.client();
    client.set_cookies(&cookie);
    client.get("/api/auth/me").send().await.expect(200);
    let refused = client
        .post("/api/organizations", json!({"name": "Acme"}))
        .send()
        .await;
    assert_eq!(refused.expect(503).problem_code(), "database_unavailable");
    let mut other = account;
    other["email"] = json!("bob@example.com");
    let refused = server.client().post("/api/auth/signup", other).send().await;
    assert_eq!(refused.expect(503).problem_code(), "database_unavailable");
    assert_eq!(database.number("SELECT count(*) FROM users").await, 1);

    let checks = Program::on(&database)
        .run(&["doctor", "--json"])
        .expect(1)
        .json();
    let checks = checks.as_array().expect("a list").iter();
    let found: Vec<_> = checks.filter(|check| !check["remedy"].is_null()).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    let remedy = found[0]["remedy"].as_str().expect("text");
    assert!(remedy.contains("default_transaction_read_only"), "{remedy}");

    // The server needs no restart: a connection that refused a write is not used again.
    database
        .execute(&format!(
            "ALTER DATABASE \"{name}\" RESET default_transaction_read_only"
        ))
        .await;
    let made = client.post("/api/organizations", json!({"name": "Acme"}));
    made.send().await.expect(201);
    server.stop().await;
}
