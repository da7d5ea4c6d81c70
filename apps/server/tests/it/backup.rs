//! Backup and restore with the operators' scripts.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output as Ended},
};

use tenantry_testkit::{Backend, TestDatabase};

use crate::support::Program;

/// Runs a script on a file, with one environment variable.
fn script(name: &str, variable: &str, url: &str, file: &Path) -> Ended {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts");
    let mut command = Command::new(folder.join(name));
    let ended = command.arg(file).env(variable, url).output();
    ended.expect("the scripts are in the checkout")
}

#[track_caller]
fn succeeded(ended: &Ended) {
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{stderr}");
}

#[track_caller]
fn refused(ended: &Ended, reason: &str) {
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert!(
        !ended.status.success() && stderr.contains(reason),
        "{stderr}"
    );
}

fn no_file(name: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_file(&file));
    file
}

/// Every table with its rows.
async fn contents(database: &TestDatabase) -> Vec<(String, Vec<String>)> {
    let tables = match database.backend() {
        Backend::Postgres => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        }
        Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1",
    };
    let mut contents = Vec::new();
    for table in database.query(tables).await {
        let table = table["name"].as_str().expect("a name").to_owned();
        let rows = database.query(&format!("SELECT * FROM {table}")).await;
        let mut rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
        rows.sort();
        contents.push((table, rows));
    }
    contents
}

#[tokio::test]
async fn a_restored_postgres_has_every_row_and_policy() {
    let database = TestDatabase::new(Backend::Postgres).await;
    Program::on(&database).run(&["seed"]).expect(0);
    let before = contents(&database).await;
    let projects = before.iter().find(|(table, _)| table == "projects");
    assert!(projects.is_some_and(|(_, rows)| rows.len() > 1));

    // The test kit's default privileges, which only a superuser could restore.
    let rights = "ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM tenantry_app";
    database.execute(rights).await;
    let file = no_file("backup.dump");
    succeeded(&script(
        "backup.sh",
        "BACKUP_URL",
        database.superuser_url(),
        &file,
    ));
    let twice = script("backup.sh", "BACKUP_URL", database.superuser_url(), &file);
    refused(&twice, "exists already");

    let restored = TestDatabase::empty(Backend::Postgres).await;
    succeeded(&script(
        "restore.sh",
        "RESTORE_URL",
        restored.owner_url(),
        &file,
    ));
    assert_eq!(contents(&restored).await, before);
    let program = Program::on(&restored);
    program.run(&["migrate", "up"]).expect(0);
    program.run(&["doctor"]).expect(0);
    program.run(&["org", "list"]).expect(0);

    let again = script("restore.sh", "RESTORE_URL", restored.owner_url(), &file);
    refused(&again, "must be empty");
}

#[tokio::test]
async fn a_role_subject_to_row_level_security_cannot_back_up() {
    let database = TestDatabase::new(Backend::Postgres).await;
    Program::on(&database).run(&["seed"]).expect(0);
    for url in [database.url(), database.owner_url()] {
        let file = no_file("half.dump");
        refused(
            &script("backup.sh", "BACKUP_URL", url, &file),
            "row-level security",
        );
        assert!(!file.exists());
    }
}

/// Of a database in which the application's role could make them before.
#[tokio::test]
async fn a_large_object_of_the_application_stops_no_backup() {
    let database = TestDatabase::new(Backend::Postgres).await;
    // A role of this test only: roles belong to all databases of the cluster.
    let (_, name) = database.url().rsplit_once('/').expect("a database");
    let name = name.split('?').next().expect("a name");
    let role = format!("backup_{name}");
    let url = database.url().replacen("tenantry_app", &role, 1);
    let (_, password) = url.split_once(&format!("{role}:")).expect("a password");
    let password = password.split('@').next().expect("a password");
    database
        .execute(&format!(
            "CREATE ROLE {role} LOGIN BYPASSRLS PASSWORD '{password}' IN ROLE pg_read_all_data;
             GRANT CONNECT ON DATABASE {name} TO {role}; SELECT lo_create(0)"
        ))
        .await;
    let file = no_file("large-object.dump");
    let ended = script("backup.sh", "BACKUP_URL", &url, &file);
    database
        .execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await;
    succeeded(&ended);
}

#[tokio::test]
async fn a_restored_sqlite_has_every_row() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    Program::on(&database).run(&["seed"]).expect(0);
    let before = contents(&database).await;

    let file = no_file("backup.db");
    succeeded(&script("backup.sh", "BACKUP_URL", database.url(), &file));

    let restored = TestDatabase::empty(Backend::Sqlite).await;
    let restore = || script("restore.sh", "RESTORE_URL", restored.url(), &file);
    succeeded(&restore());
    assert_eq!(contents(&restored).await, before);
    Program::on(&restored).run(&["doctor"]).expect(0);
    refused(&restore(), "exists already");
}
