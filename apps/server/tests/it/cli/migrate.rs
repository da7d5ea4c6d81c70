//! `migrate`.

use tenantry_testkit::{Backend, TestDatabase};

use crate::support::Program;

fn applied(program: &Program) -> Vec<bool> {
    let states = program
        .run(&["migrate", "status", "--json"])
        .expect(0)
        .json();
    let states = states.as_array().expect("a list").iter();
    states.map(|state| state["applied"] == true).collect()
}

async fn migrations_go_up_and_down(backend: Backend) {
    let database = TestDatabase::empty(backend).await;
    let program = Program::on(&database);
    let before = applied(&program);
    assert!(before.len() >= 3 && before.iter().all(|applied| !applied));

    let up = program.run(&["migrate", "up", "--json"]).expect(0).json();
    assert_eq!(up["applied"].as_array().map(Vec::len), Some(before.len()));
    assert!(applied(&program).iter().all(|applied| *applied));
    let again = program.run(&["migrate", "up"]).expect(0);
    assert_eq!(again.stdout, "nothing to do\n");

    program.run(&["migrate", "down", "2", "--yes"]).expect(0);
    let left = applied(&program).iter().filter(|applied| **applied).count();
    assert_eq!(left, before.len() - 2);
    program.run(&["migrate", "up"]).expect(0);

    let ada = [
        "user",
        "create",
        "--email",
        "ada@example.com",
        "--name",
        "Ada",
    ];
    program.run(&ada).expect(0);
    program.run(&["migrate", "fresh", "--yes"]).expect(0);
    assert!(applied(&program).iter().all(|applied| *applied));
    assert_eq!(database.number("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn migrations_go_up_and_down_on_sqlite() {
    migrations_go_up_and_down(Backend::Sqlite).await;
}

#[tokio::test]
async fn migrations_go_up_and_down_on_postgres() {
    migrations_go_up_and_down(Backend::Postgres).await;
}

#[tokio::test]
async fn nothing_is_destroyed_without_confirmation() {
    let database = TestDatabase::new(Backend::Sqlite).await;
    let program = Program::on(&database);
    for arguments in [&["migrate", "fresh"][..], &["migrate", "down"]] {
        let refused = program.run_with(arguments, "yes\n").expect(2);
        assert!(refused.stderr.contains("--yes"), "{refused:?}");
    }
    assert!(applied(&program).iter().all(|applied| *applied));
}
