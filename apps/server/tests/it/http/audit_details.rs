//! Who acted and how, and what changed, in the logs of organizations and of people.

use serde_json::{Value, json};
use tenantry_core::access::{Actor, Role};
use tenantry_testkit::{ApiClient, each_database};

use super::{
    support::{PASSWORD, Setup, text},
    tokens::{token, with},
};

async fn entries(client: &ApiClient, organization: &str, action: &str) -> Vec<Value> {
    let path = format!("/api/organizations/{organization}/audit-log?action={action}");
    let answer = client.get(&path).send().await.expect(200).json();
    answer["items"].as_array().expect("a list").clone()
}

async fn newest(client: &ApiClient, organization: &str, action: &str) -> Value {
    let entries = entries(client, organization, action).await;
    entries
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("no {action}"))
}

async fn own_newest(client: &ApiClient, action: &str) -> Value {
    let path = format!("/api/auth/activity?action={action}");
    let answer = client.get(&path).send().await.expect(200).json();
    answer["items"][0].clone()
}

each_database! {
    async fn an_entry_keeps_its_actors_name_and_address_as_they_were(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let bob = setup.member("acme", "bob", Role::Admin).await;
        let organization = format!("/api/organizations/{acme}");
        bob.patch(&organization, json!({"name": "Acme Inc."})).send().await.expect(200);
        bob.patch("/api/auth/me", json!({"name": "Robert"})).send().await.expect(200);
        bob.patch(&organization, json!({"name": "Acme Ltd."})).send().await.expect(200);
        bob.post(&format!("{organization}/leave"), json!({})).send().await.expect(204);
        setup.database.execute("UPDATE users SET email = 'new@example.com', is_active = FALSE WHERE name = 'Robert'").await;

        let renamed = entries(&ada, &acme, "organizations.organization_renamed").await;
        let names: Vec<_> = renamed.iter().map(|entry| text(&entry["actor_name"])).collect();
        assert_eq!(names, ["Robert", "bob"]);
        for entry in &renamed {
            assert_eq!(entry["actor_email"], "bob@example.com");
            assert_eq!(entry["by"], "session");
            assert!(entry.get("token").is_none() && entry.get("client").is_none(), "{entry}");
        }
        let left = newest(&ada, &acme, "organizations.member_left").await;
        assert_eq!(left["actor_name"], "Robert");
    }

    async fn an_entry_says_which_token_acted_also_when_it_ended_itself(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let bob = setup.member("acme", "bob", Role::Member).await;
        let made = token(&bob, &acme, "Deploy").await;
        let created = newest(&ada, &acme, "organizations.token_created").await;
        assert_eq!(created["by"], "session");
        let anonymous = setup.anonymous();
        let project = json!({"name": "Note G"});
        with(&made, anonymous.post("/api/projects", project)).send().await.expect(201);
        let leave = anonymous.post(&format!("/api/organizations/{acme}/leave"), json!({}));
        with(&made, leave).send().await.expect(204);
        for action in ["projects.project_created", "organizations.member_left"] {
            let entry = newest(&ada, &acme, action).await;
            assert_eq!(entry["by"], "token", "{entry}");
            assert_eq!(entry["token"], json!({"id": made["id"], "name": "Deploy"}));
            assert_eq!(entry["actor_name"], "bob");
            assert_eq!(entry["actor_email"], "bob@example.com");
        }
    }

    async fn an_entry_says_whether_an_operator_the_command_line_or_the_system_acted(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = setup.user("root").await;
        setup.database.execute("UPDATE users SET is_superuser = TRUE").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let path = format!("/api/admin/organizations/{acme}");
        root.patch(&path, json!({"limits": {"seats": 3}})).send().await.expect(200);
        let changed = newest(&ada, &acme, "organizations.limits_changed").await;
        assert_eq!((&changed["by"], &changed["actor_name"]), (&json!("operator"), &json!("root")));
        assert_eq!(changed["changes"], json!({"seats": {"from": null, "to": 3}}));

        setup.join("acme", "root", Role::Viewer).await;
        let joined = newest(&ada, &acme, "organizations.member_joined").await;
        assert_eq!((&joined["by"], &joined["actor_name"]), (&json!("system"), &Value::Null));
        let id = acme.parse().expect("an id");
        let root = text(&root.get("/api/auth/me").send().await.expect(200).json()["id"]);
        let root = root.parse().expect("an id");
        let members = &setup.server.app.organizations.members;
        let changed = members.set_role_for(id, root, Role::Admin, Actor::command_line());
        changed.await.expect("changed");
        let changed = newest(&ada, &acme, "organizations.member_role_changed").await;
        assert_eq!((&changed["by"], &changed["actor"]), (&json!("command_line"), &Value::Null));
        assert_eq!(changed["changes"], json!({"role": {"from": "viewer", "to": "admin"}}));
    }

    async fn an_entry_shows_what_changed_and_no_secret(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let organization = format!("/api/organizations/{acme}");
        ada.patch(&organization, json!({"name": "Acme Inc."})).send().await.expect(200);
        let renamed = newest(&ada, &acme, "organizations.organization_renamed").await;
        assert_eq!(renamed["changes"], json!({"name": {"from": "acme", "to": "Acme Inc."}}));

        let settings = json!({"preferences": {"locale": "de"}, "custom": {"key": "confidential"}});
        ada.patch(&format!("{organization}/settings"), settings).send().await.expect(200);
        let changed = newest(&ada, &acme, "organizations.settings_changed").await;
        assert_eq!(changed["changes"], json!({"preferences.locale": {"from": "en", "to": "de"}}));
        assert_eq!(changed["data"]["keys"], json!(["custom", "preferences.locale"]));

        let project = setup.project(&ada, "acme", "Note G").await;
        let path = format!("/api/projects/{project}");
        let long = "x".repeat(300);
        let change = json!({"name": "Note H", "description": long, "status": "active"});
        ada.patch(&path, change).organization("acme").send().await.expect(200);
        let updated = newest(&ada, &acme, "projects.project_updated").await;
        assert_eq!(updated["changes"]["name"], json!({"from": "Note G", "to": "Note H"}));
        assert_eq!(text(&updated["changes"]["description"]["to"]).chars().count(), 201);
        let moved = newest(&ada, &acme, "projects.project_status_changed").await;
        assert_eq!(moved["changes"], json!({"status": {"from": "draft", "to": "active"}}));
        let bulk = json!({"ids": [project], "status": "archived"});
        ada.post("/api/projects/bulk", bulk).organization("acme").send().await.expect(200);
        let status = newest(&ada, &acme, "projects.bulk_status_changed").await;
        assert_eq!(status["changes"], json!({"status": {"from": "active", "to": "archived"}}));
        assert_eq!(status["data"]["project_ids"], json!([project]));
        let same = json!({"status": "archived"});
        ada.patch(&path, same).organization("acme").send().await.expect(200);
        // What it is already is no change.
        assert_eq!(newest(&ada, &acme, "projects.project_status_changed").await, moved);

        ada.patch("/api/auth/me", json!({"name": "Countess"})).send().await.expect(200);
        let renamed = own_newest(&ada, "users.user_renamed").await;
        assert_eq!(renamed["changes"], json!({"name": {"from": "ada", "to": "Countess"}}));
        let change = json!({"current_password": PASSWORD, "new_password": "another good secret"});
        ada.post("/api/auth/password", change).send().await.expect(204);
        let changed = own_newest(&ada, "users.password_changed").await;
        assert!(changed.get("changes").is_none(), "{changed}");
        let all = setup.tables().await;
        assert!(!all.rows().any(|(table, row)| table == "event_log" && row.contains("confidential")));
    }

    async fn a_sign_in_shows_its_client_in_the_log_of_the_person(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let login = |password: &str| {
            let login = json!({"email": "ada@example.com", "password": password});
            setup.anonymous().post("/api/auth/login", login).header("user-agent", "curl/8.9.1")
        };
        login(PASSWORD).send().await.expect(200);
        login("wrong horse battery").send().await.expect(401);
        setup.server.app.access_log().flush().await;
        for action in ["users.user_signed_in", "users.sign_in_failed"] {
            let entry = own_newest(&ada, action).await;
            assert_eq!(entry["client"], json!({"address": "127.0.0.1", "program": "curl/8.9.1"}));
        }
        let registered = own_newest(&ada, "users.user_registered").await;
        assert_eq!(registered["client"]["address"], "127.0.0.1");
        ada.patch("/api/auth/me", json!({"name": "Countess"})).send().await.expect(200);
        let renamed = own_newest(&ada, "users.user_renamed").await;
        assert!(renamed.get("client").is_none(), "{renamed}");
    }

    async fn an_entry_of_an_earlier_version_is_read(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        setup.database.execute("UPDATE event_log SET acted_by = NULL, actor_name = NULL, actor_email = NULL").await;
        let created = newest(&ada, &acme, "organizations.organization_created").await;
        for field in ["by", "actor_name", "actor_email"] {
            assert_eq!(created.get(field), Some(&Value::Null), "{created}");
        }
    }

    async fn no_name_or_address_of_a_deleted_organizations_log_is_left(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let globex = setup.organization(&ada, "globex").await;
        let project = setup.project(&ada, "acme", "Note G").await;
        let path = format!("/api/projects/{project}");
        ada.patch(&path, json!({"name": "Note H"})).organization("acme").send().await.expect(200);
        let path = format!("/api/organizations/{acme}");
        ada.delete(&path).json(json!({"confirm_slug": "acme"})).send().await.expect(204);
        let deletion = &setup.server.app.organizations.deletion;
        deletion.erase(acme.parse().expect("an id"), &|_| ()).await.expect("erased");
        let kept = |organization: &str| format!(
            "SELECT count(*) AS n FROM event_log
             WHERE organization_id = (SELECT organization_id FROM event_log e
                                      WHERE CAST(e.payload AS text) LIKE '%{organization}%' LIMIT 1)
               AND coalesce(actor_name, actor_email, token_name, client_address, client_program,
                            CAST(changes AS text)) IS NOT NULL"
        );
        assert_eq!(setup.database.number(&kept(&acme)).await, 0);
        assert!(setup.database.number(&kept(&globex)).await > 0);
    }
}
