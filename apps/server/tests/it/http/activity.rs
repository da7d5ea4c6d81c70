//! A user's own activity log.

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_testkit::{ApiClient, each_database};

use super::support::{PASSWORD, Setup, items, text};

async fn activity(client: &ApiClient, query: &str) -> Vec<Value> {
    let path = format!("/api/auth/activity{query}");
    let answer = client.get(&path).send().await.expect(200).json();
    answer["items"].as_array().expect("a list").clone()
}

async fn actions(client: &ApiClient, query: &str) -> Vec<String> {
    let entries = activity(client, query).await;
    entries.iter().map(|entry| text(&entry["action"])).collect()
}

each_database! {
    async fn permission_denials_are_in_the_members_activity_log(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let bob = setup.member("acme", "bob", Role::Viewer).await;
        for _ in 0..2 {
            let new = json!({"name": "Note G"});
            bob.post("/api/projects", new).organization("acme").send().await.expect(403);
        }
        let log = format!("/api/organizations/{acme}/audit-log");
        bob.get(&log).send().await.expect(403);
        // A non-member gets a 404, which is not a denial.
        setup.user("eve").await.get(&log).send().await.expect(404);
        setup.server.app.access_log().flush().await;

        let mut denials = activity(&bob, "?action=users.permission_refused").await;
        denials.sort_by_key(|entry| text(&entry["data"]["permission"]));
        let denials: Vec<_> = denials.iter().map(|entry| {
            let data = &entry["data"];
            assert_eq!(data["organization"], acme.as_str());
            assert!(entry["request_id"].is_string(), "{entry}");
            assert_eq!(entry["actor"], data["user_id"]);
            (text(&data["permission"]), data["times"].as_i64())
        }).collect();
        assert_eq!(denials, [
            ("audit_log.view".to_owned(), Some(1)),
            ("projects.manage".to_owned(), Some(2)),
        ]);
        assert_eq!(actions(&ada, "").await, ["users.user_registered"]);
        let audit = ada.get(&log).send().await.expect(200);
        assert!(!items(&audit, "action").iter().any(|action| action.starts_with("users.")));
    }

    async fn a_denial_by_a_service_is_logged(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let bob = setup.member("acme", "bob", Role::Admin).await;
        let path = format!("/api/organizations/{acme}/invitations");
        let owner = json!({"email": "eve@example.com", "role": "owner"});
        bob.post(&path, owner).send().await.expect(403);
        setup.server.app.access_log().flush().await;
        let denials = activity(&bob, "?action=users.permission_refused").await;
        assert_eq!(denials.len(), 1);
        assert_eq!(denials[0]["data"]["permission"], "organizations.invite_members");
    }

    async fn failed_sign_ins_are_logged_for_the_affected_user_only(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let grace = setup.user("grace").await;
        for email in ["ada@example.com", "ada@example.com", "unknown@example.com"] {
            let login = json!({"email": email, "password": "wrong horse battery"});
            setup.anonymous().post("/api/auth/login", login).send().await.expect(401);
        }
        setup.login("ada").await;
        setup.server.app.access_log().flush().await;
        let entries = activity(&ada, "").await;
        let names: Vec<_> = entries.iter().map(|entry| text(&entry["action"])).collect();
        assert_eq!(names, ["users.sign_in_failed", "users.user_signed_in", "users.user_registered"]);
        assert_eq!(entries[0]["data"]["reason"], "wrong_password");
        assert_eq!(entries[0]["data"]["times"], 2);
        assert!(entries[0]["actor"].is_null());
        assert_eq!(actions(&grace, "").await, ["users.user_registered"]);
        let all = setup.tables().await;
        assert!(!all.contains_text("unknown@example.com"));
    }

    async fn a_wrong_current_password_is_logged(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let guess = json!({"current_password": "wrong horse battery", "new_password": PASSWORD});
        ada.post("/api/auth/password", guess).send().await.expect(422);
        setup.server.app.access_log().flush().await;
        let entries = activity(&ada, "?action=users.sign_in_failed").await;
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0]["data"]["reason"], "wrong_current_password");
        assert!(entries[0]["request_id"].is_string(), "{}", entries[0]);
    }

    async fn the_activity_log_is_filtered_paginated_and_session_only(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.login("ada").await;
        let change = json!({"current_password": PASSWORD, "new_password": PASSWORD});
        ada.post("/api/auth/password", change).send().await.expect(204);
        let first = ada.get("/api/auth/activity?limit=2").send().await.expect(200).json();
        let cursor = text(&first["next_cursor"]);
        let rest = actions(&ada, &format!("?limit=2&cursor={cursor}")).await;
        assert_eq!(rest, ["users.user_registered"]);
        let since = text(&first["items"][0]["occurred_at"]);
        assert_eq!(actions(&ada, &format!("?from={since}")).await, ["users.password_changed"]);
        assert_eq!(actions(&ada, &format!("?to={since}")).await.len(), 2);
        // Another user's cursor is invalid.
        let grace = setup.user("grace").await;
        grace.get(&format!("/api/auth/activity?cursor={cursor}")).send().await.expect(400);
        grace.get("/api/auth/activity?actor=x").send().await.expect(400);
        setup.anonymous().get("/api/auth/activity").send().await.expect(401);
    }
}
