//! One address of a database means the same to the settings, the server and the backup.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tenantry_testkit::{Backend, TestDatabase};

use crate::support::{Program, SECRET, script};

fn empty_folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    drop(fs::remove_dir_all(&folder));
    fs::create_dir_all(&folder).expect("a writable directory");
    folder
}

fn backup(folder: &Path, url: &str) -> Output {
    let mut command = Command::new(script("backup.sh"));
    let ended = command.arg("backup").env("BACKUP_URL", url);
    ended.current_dir(folder).output().expect("it is there")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("readable").flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn an_address_of_a_file_means_the_same_to_every_reader() {
    for (number, (url, file)) in [
        ("sqlite:a.db", "a.db"),
        ("sqlite://a b.db?mode=rwc", "a b.db"),
        ("sqlite://a%20b.db", "a b.db"),
        ("sqlite://100%25.db?mode=rwc&cache=private", "100%.db"),
        ("sqlite://a%3Fb#c.db", "a?b#c.db"),
        ("sqlite://[it's].db?", "[it's].db"),
        ("sqlite://%C3%A9\\x41.db", "é\\x41.db"),
        ("sqlite:-readonly", "-readonly"),
        ("sqlite:./a.db", "a.db"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = empty_folder(&format!("address-{number}"));
        let program = Program::bare()
            .in_folder(folder.clone())
            .with("DATABASE_URL", url);
        program.run(&["config", "check"]).expect(0);
        program.run(&["seed"]).expect(0);
        assert!(folder.join(file).is_file(), "{url}: {:?}", names(&folder));
        program.run(&["doctor"]).expect(0);
        let ended = backup(&folder, url);
        assert!(ended.status.success(), "{url}: {ended:?}");
        let copy = Program::bare()
            .in_folder(folder.clone())
            .with("DATABASE_URL", "sqlite:backup?mode=rw");
        let organizations = |program: &Program| program.run(&["org", "list"]).expect(0).stdout;
        assert_eq!(organizations(&copy), organizations(&program), "{url}");
    }
}

#[test]
fn an_address_of_a_file_that_can_not_be_opened_is_refused_by_every_reader() {
    let folder = empty_folder("address-refused");
    fs::create_dir(folder.join("folder")).expect("a writable directory");
    for url in [
        "sqlite:",
        "sqlite://?mode=rwc",
        "sqlite://folder/",
        "sqlite://folder/..",
        "sqlite://a.db?mode=ro",
        "sqlite://a.db?mode=create",
        "sqlite://a.db?immutable=1",
        "sqlite://a.db?timeout=5",
        "sqlite://100%.db",
        "sqlite://a%00.db",
        "sqlite://a%0A.db",
        "sqlite://file:a.db",
    ] {
        let program = Program::bare()
            .in_folder(folder.clone())
            .with("DATABASE_URL", url);
        for command in [&["config", "check"][..], &["serve"]] {
            let refused = program.run(command).expect(78);
            assert!(
                refused.stderr.contains("  DATABASE_URL must"),
                "{refused:?}"
            );
        }
        let ended = backup(&folder, url);
        assert!(!ended.status.success(), "{url}: {ended:?}");
        assert_eq!(names(&folder), ["folder"], "{url}");
    }
}

#[test]
fn an_address_of_a_server_that_the_driver_refuses_is_an_error_of_the_settings() {
    for end in [
        "h:0/db",
        "h,i/db",
        "h/db#x",
        "h/db/more",
        "h/db?port=x",
        "h/db?sslmode=verify-fully",
        "h/db?ssl-mode=verify-fully",
        "h/db?sslmode=require&sslmode=disable",
        "h/db?password=other",
        "h/db?statement-cache-capacity=many",
        "h/db?connect_timeout=5",
        "h/db?sslpassword=hunter2",
        "h/db?statement-cache-capacity=10",
        "h/db?ssl-mode=require",
        "h/db?options=junk",
        "h/db?options[x]=1",
        "h/db?hostaddr=127.0.0.1",
        "h/db?sslrootcert=/does/not/exist",
        "h/db?sslcert=/does/not/exist&sslkey=/does/not/exist",
    ] {
        let program = Program::bare()
            .with("DATABASE_URL", &format!("postgres://app:hunter2@{end}"))
            .with("TENANTRY__SESSION__SECRET", SECRET);
        let refused = program.run(&["config", "check"]).expect(78);
        assert!(
            refused.stderr.contains("  DATABASE_URL must"),
            "{refused:?}"
        );
        assert!(!refused.stderr.contains("hunter2"), "{refused:?}");
    }
}

#[test]
fn a_folder_that_is_missing_is_an_error_of_the_check() {
    let program = Program::bare().with("DATABASE_URL", "sqlite:///does/not/exist/x.db?mode=rwc");
    let refused = program.run(&["config", "check"]).expect(78);
    assert!(
        refused
            .stderr
            .contains("DATABASE_URL must name a file in a folder that exists"),
        "{refused:?}"
    );
    let listed = program.run(&["config", "check", "--json"]).expect(78);
    assert_eq!(listed.json()["mistakes"][0]["name"], "DATABASE_URL");
}

#[test]
fn a_missing_file_is_not_created_with_mode_rw() {
    let folder = empty_folder("address-rw");
    let program = Program::bare()
        .in_folder(folder.clone())
        .with("DATABASE_URL", "sqlite://a.db?mode=rw");
    let refused = program.run(&["serve"]).expect(1);
    assert!(refused.stderr.contains("mode=rwc"), "{refused:?}");
    assert!(!folder.join("a.db").exists());
}

#[tokio::test]
async fn rights_go_to_the_role_that_the_address_names_as_a_parameter() {
    let database = TestDatabase::empty(Backend::Postgres).await;
    let (before, rest) = database.url().split_once("//").expect("an address");
    let (login, rest) = rest.split_once('@').expect("a role");
    let (role, password) = login.split_once(':').expect("a password");
    let sign = if rest.contains('?') { '&' } else { '?' };
    let moved = format!("{before}//{rest}{sign}user={role}&password={password}");
    let program = Program::on(&database).with("DATABASE_URL", &moved);
    program.run(&["migrate", "up"]).expect(0);
    program.run(&["doctor"]).expect(0);
    let shown = program.run(&["config", "print"]).expect(0).stdout;
    assert!(!shown.contains(password), "{shown}");
}
