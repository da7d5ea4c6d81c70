//! `seed`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry_testkit::{TestDatabase, each_database};

use crate::support::{Program, TestServer};

/// Every row of every table that the demo data fills.
async fn everything(database: &TestDatabase) -> Vec<Value> {
    let mut rows = Vec::new();
    for table in [
        "users",
        "organizations",
        "organization_members",
        "projects",
        "sessions",
        "invitations",
    ] {
        let sql = format!("SELECT * FROM {table} ORDER BY id");
        rows.extend(database.query(&sql).await);
    }
    rows
}

each_database! {
    async fn the_demo_data_has_every_role_and_is_created_once(database: TestDatabase) {
        let program = Program::on(&database);
        let first = program.run(&["seed", "--json"]).expect(0).json();
        assert_eq!(first["changed"], true);
        let before = everything(&database).await;

        let second = program.run(&["seed", "--json"]).expect(0).json();
        assert_eq!(second["changed"], false);
        assert_eq!(second["logins"], first["logins"]);
        assert_eq!(everything(&database).await, before);
        assert_eq!(second["invitation"]["accept_url"], Value::Null);

        let roles: BTreeSet<_> = database
            .query("SELECT DISTINCT role FROM organization_members")
            .await
            .iter()
            .map(|row| row["role"].as_str().expect("text").to_owned())
            .collect();
        assert_eq!(roles.len(), 4, "{roles:?}");
        let organizations = database.number("SELECT count(*) FROM organizations").await;
        assert_eq!(organizations, 2);
        let both = "SELECT count(*) FROM (SELECT user_id FROM organization_members \
             GROUP BY user_id HAVING count(*) = 2) AS both_of_them";
        assert_eq!(database.number(both).await, 1);
        let superusers = "SELECT count(*) FROM users WHERE is_superuser";
        assert_eq!(database.number(superusers).await, 1);
        let with_projects = "SELECT count(DISTINCT organization_id) FROM projects";
        assert_eq!(database.number(with_projects).await, 2);
        assert_eq!(database.number("SELECT count(*) FROM sessions").await, 0);
    }

    async fn every_demo_user_can_sign_in(database: TestDatabase) {
        let demo = Program::on(&database).run(&["seed", "--json"]).expect(0).json();
        let server = TestServer::start(&database).await;
        for login in demo["logins"].as_array().expect("a list") {
            let body = json!({ "email": login["email"], "password": login["password"] });
            server.client().post("/api/auth/login", body).send().await.expect(200);
        }
    }

    async fn the_demo_invitation_can_be_accepted(database: TestDatabase) {
        let program = Program::on(&database).with("TENANTRY__SERVER__PORT", "8099");
        let demo = program.run(&["seed", "--json"]).expect(0).json();
        let url = demo["invitation"]["accept_url"].as_str().expect("a link");
        let secret = url.strip_prefix("http://127.0.0.1:8099/invitations/accept#token=");
        let secret = secret.unwrap_or_else(|| panic!("{url}"));
        let server = TestServer::start(&database).await;
        let account = json!({
            "email": demo["invitation"]["email"], "name": "Ines",
            "password": "correct horse battery", "invitation_token": secret,
        });
        let client = server.client();
        client.post("/api/auth/signup", account).send().await.expect(201);
        let mine = client.get("/api/organizations/current").send().await.expect(200).json();
        assert_eq!((&mine["slug"], &mine["role"]), (&json!("acme"), &json!("member")));
    }

    async fn other_data_is_left_unchanged(database: TestDatabase) {
        let program = Program::on(&database);
        let ada = ["user", "create", "--email", "ada@example.com", "--name", "Ada"];
        program.run(&ada).expect(0);
        let before = everything(&database).await;
        let refused = program.run(&["seed"]).expect(1);
        assert!(refused.stderr.contains("other data"), "{refused:?}");
        assert_eq!(everything(&database).await, before);
    }

    async fn an_interrupted_attempt_is_completed(database: TestDatabase) {
        let program = Program::on(&database);
        program.run(&["seed"]).expect(0);
        database.execute("DELETE FROM organization_members WHERE role = 'viewer'").await;
        database.execute("DELETE FROM users WHERE is_superuser").await;
        let again = program.run(&["seed", "--json"]).expect(0).json();
        assert_eq!(again["changed"], true);
        assert_eq!(database.number("SELECT count(*) FROM organization_members").await, 7);
        assert_eq!(database.number("SELECT count(*) FROM projects").await, 5);
        let pending = "SELECT count(*) FROM invitations WHERE revoked_at IS NULL";
        assert_eq!(database.number(pending).await, 1);
    }

    async fn a_dedicated_deployment_is_not_seeded(database: TestDatabase) {
        let program = Program::on(&database)
            .with("DEPLOYMENT_MODE", "dedicated")
            .with("DEDICATED_ORG_SLUG", "acme");
        program.run(&["seed"]).expect(1);
        assert_eq!(database.number("SELECT count(*) FROM users").await, 0);
    }
}
