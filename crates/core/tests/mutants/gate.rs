//! The mutation gate: each operation of the query layer loses its scope, once.
//!
//! On SQLite, where no other wall is left, the rules about rows must go red. On Postgres,
//! row-level security must hold: its own rules stay green, which is to say 0 foreign rows.
//! Each fault runs in a process of its own: this test program, started again.

use std::process::Command;

const OPERATIONS: [&str; 7] = [
    "find", "count", "page", "join", "insert", "update", "delete",
];

struct Outcome {
    passed: usize,
    failed: usize,
}

/// Runs the tests of that name with that fault.
fn tests(named: &str, fault: &str) -> Outcome {
    let program = std::env::current_exe().expect("a program knows its file");
    let output = Command::new(program)
        // The rules about rows are tried on SQLite, where no other wall is left.
        .args([named, "--skip", "::postgres", "--test-threads", "2"])
        .env("TENANTRY_MUTANT", fault)
        // The failures are wanted; nobody reads where they come from.
        .env("RUST_BACKTRACE", "0")
        .output()
        .expect("the tests run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let count = |verdict: &str| {
        let lines = text.lines().filter(|line| line.starts_with("test "));
        lines.filter(|line| line.ends_with(verdict)).count()
    };
    let outcome = Outcome {
        passed: count("... ok"),
        failed: count("... FAILED"),
    };
    assert!(outcome.passed + outcome.failed > 0, "no test ran: {text}");
    outcome
}

#[test]
fn without_a_fault_everything_is_green() {
    assert_eq!(tests("db::", "none").failed, 0);
    assert_eq!(tests("row_security::", "none").failed, 0);
}

#[test]
fn each_lost_scope_turns_the_rules_red_on_sqlite_and_leaks_no_row_on_postgres() {
    println!(
        "{:<8} {:>12} {:>22}",
        "lost in", "SQLite: red", "Postgres: foreign rows"
    );
    for operation in OPERATIONS {
        let sqlite = tests("db::", operation);
        assert!(
            sqlite.failed > 0,
            "nobody noticed that {operation} lost its scope"
        );
        let postgres = tests("row_security::", operation);
        assert_eq!(
            postgres.failed, 0,
            "row-level security does not hold {operation}"
        );
        println!("{operation:<8} {:>12} {:>22}", sqlite.failed, 0);
    }
}
