//! `user`.

use serde_json::json;
use tenantry_testkit::{ApiClient, each_database};

use crate::{
    http::second_factor::Person,
    support::{Program, TestServer},
};

const ADA: &[&str] = &[
    "user",
    "create",
    "--email",
    "Ada@Example.com",
    "--name",
    "Ada",
];

async fn signs_in(client: &ApiClient, password: &str) -> u16 {
    let login = json!({ "email": "ada@example.com", "password": password });
    client.post("/api/auth/login", login).send().await.status
}

each_database! {
    async fn an_account_gets_a_password_that_is_shown_once(database: TestDatabase) {
        let program = Program::on(&database);
        let made = program.run(&[ADA, &["--json"]].concat()).expect(0).json();
        assert_eq!(made["email"], "ada@example.com");
        assert_eq!((&made["is_superuser"], &made["is_staff"]), (&json!(false), &json!(false)));
        let password = made["password"].as_str().expect("a password").to_owned();

        let server = TestServer::start(&database).await;
        assert_eq!(signs_in(&server.client(), &password).await, 200);
        assert_eq!(signs_in(&server.client(), "something else").await, 401);
        let listed = program.run(&["user", "list", "--json"]).expect(0);
        assert!(!listed.stdout.contains(&password));
    }

    async fn a_password_can_come_from_standard_input(database: TestDatabase) {
        let program = Program::on(&database);
        let create = [ADA, &["--password-stdin", "--superuser", "--json"]].concat();
        let refused = program.run_with(&create, "short\n").expect(1);
        assert!(refused.stderr.contains("8 to 128"), "{refused:?}");

        let made = program.run_with(&create, "correct horse battery\n").expect(0);
        assert!(!made.stdout.contains("correct horse"), "{made:?}");
        assert_eq!(made.json()["is_superuser"], true);
        let server = TestServer::start(&database).await;
        assert_eq!(signs_in(&server.client(), "correct horse battery").await, 200);
    }

    async fn an_address_has_one_account(database: TestDatabase) {
        let program = Program::on(&database);
        program.run(ADA).expect(0);
        let refused = program.run(ADA).expect(1);
        assert!(refused.stderr.contains("e-mail address"), "{refused:?}");
        assert_eq!(refused.stdout, "");
    }

    async fn accounts_are_listed(database: TestDatabase) {
        let program = Program::on(&database);
        program.run(ADA).expect(0);
        let root = ["user", "create", "--email", "root@example.com", "--name", "R", "--superuser"];
        program.run(&root).expect(0);
        let listed = program.run(&["user", "list"]).expect(0).stdout;
        let kinds: Vec<_> = listed.lines().map(|line| {
            line.split_whitespace().nth(2).unwrap_or_default().to_owned()
        }).collect();
        assert_eq!(kinds, ["KIND", "user", "superuser"], "{listed}");
    }

    async fn operators_are_promoted_and_demoted(database: TestDatabase) {
        let program = Program::on(&database);
        program.run(ADA).expect(0);
        let flags = |arguments: &[&str]| {
            let user = program.run(&[&["user"], arguments, &["--json"]].concat()).expect(0).json();
            (user["is_staff"] == true, user["is_superuser"] == true)
        };
        assert_eq!(flags(&["promote", "ada@example.com", "--staff"]), (true, false));
        assert_eq!(flags(&["promote", "Ada@Example.com"]), (true, true));
        assert_eq!(flags(&["demote", "ada@example.com"]), (false, false));
        let unknown = program.run(&["user", "promote", "eve@example.com"]).expect(1);
        assert!(unknown.stderr.contains("no account eve@example.com"), "{unknown:?}");
    }

    async fn a_disabled_user_is_signed_out_and_can_be_enabled_again(database: TestDatabase) {
        let program = Program::on(&database);
        let create = [ADA, &["--password-stdin"]].concat();
        program.run_with(&create, "correct horse battery").expect(0);
        let server = TestServer::start(&database).await;
        let client = server.client();
        assert_eq!(signs_in(&client, "correct horse battery").await, 200);

        // Without a terminal there is no confirmation prompt.
        program.run(&["user", "disable", "ada@example.com"]).expect(2);
        client.get("/api/auth/me").send().await.expect(200);
        let disable = ["user", "disable", "ada@example.com", "--yes", "--json"];
        assert_eq!(program.run(&disable).expect(0).json()["is_active"], false);
        client.get("/api/auth/me").send().await.expect(401);
        assert_eq!(signs_in(&client, "correct horse battery").await, 401);
        let enabled = program.run(&["user", "enable", "ada@example.com"]).expect(0).stdout;
        assert!(enabled.contains("active"), "{enabled}");
        client.get("/api/auth/me").send().await.expect(401);
        assert_eq!(signs_in(&client, "correct horse battery").await, 200);

        let org = ["org", "create", "--name", "Acme", "--owner-email", "ada@example.com"];
        program.run(&org).expect(0);
        let refused = program.run(&disable).expect(1);
        assert!(refused.stderr.contains("active owner"), "{refused:?}");
        assert!(refused.stderr.contains("acme") && refused.stderr.contains("--force"), "{refused:?}");
        client.get("/api/auth/me").send().await.expect(200);

        let forced = [&disable[..], &["--force"]].concat();
        let forced = program.run(&forced).expect(0).json();
        assert_eq!((&forced["is_active"], &forced["without_owner"]), (&json!(false), &json!(["acme"])));
        client.get("/api/auth/me").send().await.expect(401);
        let shown = program.run(&["user", "enable", "ada@example.com"]).expect(0);
        assert!(!shown.stdout.contains("set-owner"), "{shown:?}");
        let shown = program.run(&["user", "disable", "ada@example.com", "--yes", "--force"]).expect(0);
        assert!(shown.stdout.contains("org set-owner acme"), "{shown:?}");
    }

    async fn second_factors_are_taken_away_from_a_person_who_lost_them(database: TestDatabase) {
        let program = Program::on(&database);
        let create = [ADA, &["--password-stdin"]].concat();
        program.run_with(&create, "correct horse battery").expect(0);
        let server = TestServer::start(&database).await;
        let client = server.client();
        assert_eq!(signs_in(&client, "correct horse battery").await, 200);
        let reset = ["user", "reset-mfa", "ada@example.com"];
        let confirmed = [&reset[..], &["--yes"]].concat();
        let nothing = program.run(&confirmed).expect(1);
        assert!(nothing.stderr.contains("no such second factor"), "{nothing:?}");
        client.get("/api/auth/me").send().await.expect(200);

        let ada = Person::enrol(client, "ada").await;
        program.run(&reset).expect(2);
        assert_eq!(ada.begin_login(&server.client()).await.expect(200).json()["status"], "mfa_required");
        let shown = program.run(&confirmed).expect(0);
        assert!(shown.stdout.contains("the password alone"), "{shown:?}");
        ada.client.get("/api/auth/me").send().await.expect(401);
        let login = ada.begin_login(&server.client()).await.expect(200);
        assert_eq!(login.json()["email"], "ada@example.com");
        for table in ["totp_factors", "recovery_codes", "pending_logins"] {
            let rows = database.number(&format!("SELECT count(*) AS n FROM {table}")).await;
            assert_eq!(rows, 0, "{table}");
        }
    }

    async fn a_password_reset_ends_every_session(database: TestDatabase) {
        let program = Program::on(&database);
        let create = [ADA, &["--password-stdin"]].concat();
        program.run_with(&create, "correct horse battery").expect(0);
        let server = TestServer::start(&database).await;
        let client = server.client();
        assert_eq!(signs_in(&client, "correct horse battery").await, 200);
        let reset = ["user", "reset-password", "ada@example.com"];
        program.run(&reset).expect(2);

        let made = program.run(&[&reset[..], &["--yes", "--json"]].concat()).expect(0).json();
        client.get("/api/auth/me").send().await.expect(401);
        let password = made["password"].as_str().expect("shown once");
        assert_eq!(signs_in(&client, "correct horse battery").await, 401);
        assert_eq!(signs_in(&client, password).await, 200);

        let typed = [&reset[..], &["--yes", "--password-stdin"]].concat();
        program.run_with(&typed, "short").expect(1);
        client.get("/api/auth/me").send().await.expect(200);
        let done = program.run_with(&typed, "battery horse correct").expect(0);
        assert!(!done.stdout.contains("battery"), "{done:?}");
        assert_eq!(signs_in(&client, "battery horse correct").await, 200);
    }
}
