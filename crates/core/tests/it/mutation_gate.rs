//! The mutation gate: each operation of the query layer loses its tenant condition, once.
//!
//! On SQLite, which has no row-level security, the rules about rows must fail. On Postgres the
//! rules about row-level security must still pass: no foreign row is visible. Each fault runs in
//! its own process: this test program, started again.

use std::process::Command;

const OPERATIONS: [&str; 7] = [
    "find", "count", "page", "join", "insert", "update", "delete",
];

struct Outcome {
    passed: usize,
    failed: Vec<String>,
}

/// Runs the tests of that name with that fault.
fn tests(named: &str, fault: &str) -> Outcome {
    let program = std::env::current_exe().expect("a program knows its file");
    let output = Command::new(program)
        // Waits are of Postgres, and know no organization.
        .args([named, "--skip", "::postgres", "--skip", "::waits::"])
        .args(["--test-threads", "2"])
        .env("TENANTRY_MUTANT", fault)
        // The failures are expected; their backtraces would only cost time.
        .env("RUST_BACKTRACE", "0")
        .output()
        .expect("the tests run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let with = |verdict: &str| {
        let lines = text.lines().filter(|line| line.starts_with("test "));
        let lines = lines.filter(|line| line.ends_with(verdict));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let outcome = Outcome {
        passed: with("... ok").len(),
        failed: with("... FAILED"),
    };
    assert!(
        outcome.passed + outcome.failed.len() > 0,
        "no test ran: {text}"
    );
    outcome
}

#[test]
fn without_a_fault_everything_is_green() {
    assert_eq!(tests("db::", "none").failed, [""; 0]);
    assert_eq!(tests("row_security::", "none").failed, [""; 0]);
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
            !sqlite.failed.is_empty(),
            "no rule fails when {operation} loses its tenant condition"
        );
        let postgres = tests("row_security::", operation);
        assert_eq!(
            postgres.failed, [""; 0],
            "row-level security does not hold {operation}"
        );
        println!("{operation:<8} {:>12} {:>22}", sqlite.failed.len(), 0);
    }
}
