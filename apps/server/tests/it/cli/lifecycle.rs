//! `org disable`, `enable`, `limits` and `delete`.

use serde_json::json;
use tenantry_testkit::{TestDatabase, each_database};

use crate::support::Program;

/// The program on a database with the organization `acme`.
fn with_acme(database: &TestDatabase) -> Program {
    let program = Program::on(database);
    let email = "ada@example.com";
    program
        .run(&["user", "create", "--email", email, "--name", "Ada"])
        .expect(0);
    create_acme(&program).expect(0);
    program
}

fn create_acme(program: &Program) -> crate::support::Output {
    program.run(&[
        "org",
        "create",
        "--name",
        "Acme",
        "--slug",
        "acme",
        "--owner-email",
        "ada@example.com",
    ])
}

each_database! {
    async fn an_organization_is_disabled_and_enabled_again(database: TestDatabase) {
        let program = with_acme(&database);
        let closed = program.run(&["org", "disable", "acme"]).expect(0);
        assert_eq!(closed.stdout.trim(), "acme is disabled");
        let listed = program.run(&["org", "list"]).expect(0).stdout;
        assert!(listed.contains("acme  Acme  disabled"), "{listed}");
        let opened = program.run(&["org", "enable", "acme", "--json"]).expect(0).json();
        assert_eq!(opened["is_active"], true);
        let unknown = program.run(&["org", "disable", "globex"]).expect(1);
        assert!(unknown.stderr.contains("no organization globex"), "{unknown:?}");
    }

    async fn limits_are_shown_set_and_lifted(database: TestDatabase) {
        let program = with_acme(&database);
        let limits = |given: &[&str]| {
            program.run(&[&["org", "limits", "acme", "--json"], given].concat()).expect(0).json()
        };
        assert_eq!(limits(&[]), json!({"seats": null, "projects": null}));
        assert_eq!(limits(&["seats=5", "projects=20"]), json!({"seats": 5, "projects": 20}));
        assert_eq!(limits(&["seats=none"]), json!({"seats": null, "projects": 20}));
        let shown = program.run(&["org", "limits", "acme"]).expect(0).stdout;
        assert_eq!(shown, "seats     none\nprojects  20\n");
        for wrong in ["seats=-1", "seats=many", "rooms=1", "seats", "seats=2147483648"] {
            program.run(&["org", "limits", "acme", wrong]).expect(2);
        }
        program.run(&["org", "limits", "acme", "seats=1", "seats=2"]).expect(2);
    }

    async fn deletion_is_confirmed_reports_progress_and_reserves_the_slug(database: TestDatabase) {
        let program = with_acme(&database);
        let unconfirmed = program.run(&["org", "delete", "acme"]).expect(2);
        assert!(unconfirmed.stderr.contains("--yes"), "{unconfirmed:?}");
        program.run(&["org", "show", "acme"]).expect(0);

        let deleted = program.run(&["org", "delete", "acme", "--yes", "--json"]).expect(0);
        assert_eq!(deleted.json()["erased"]["organization_members"], 1);
        assert!(deleted.stderr.contains("organization_members: 1 rows erased"), "{deleted:?}");
        program.run(&["org", "show", "acme"]).expect(1);
        let again = create_acme(&program).expect(1);
        assert!(again.stderr.contains("slug"), "{again:?}");
        // The user account remains.
        let users = program.run(&["user", "list", "--json"]).expect(0).json();
        assert_eq!(users.as_array().map(Vec::len), Some(1));
    }

    async fn without_a_quarantine_the_slug_is_free_immediately(database: TestDatabase) {
        let program = with_acme(&database).with("TENANTRY__ORGANIZATIONS__SLUG_QUARANTINE_DAYS", "0");
        program.run(&["org", "delete", "acme", "--yes"]).expect(0);
        create_acme(&program).expect(0);
    }

    async fn an_organization_pending_deletion_can_only_be_deleted(database: TestDatabase) {
        let program = with_acme(&database);
        let mark_for_deletion = "UPDATE organizations SET is_active = FALSE, deleted_at = created_at";
        database.execute(mark_for_deletion).await;
        let listed = program.run(&["org", "list"]).expect(0).stdout;
        assert!(listed.contains("being deleted"), "{listed}");
        for command in [&["org", "enable", "acme"][..], &["org", "limits", "acme", "seats=1"]] {
            let refused = program.run(command).expect(1);
            assert!(refused.stderr.contains("can't be undone"), "{refused:?}");
        }
        // No second confirmation.
        program.run(&["org", "delete", "acme"]).expect(0);
        program.run(&["org", "show", "acme"]).expect(1);
    }
}
