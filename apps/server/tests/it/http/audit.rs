//! The audit log of an organization.

use serde_json::{Value, json};
use tenantry_testkit::{ApiClient, each_database};

use super::support::{Setup, text};

async fn log(client: &ApiClient, organization: &str, query: &str) -> Vec<Value> {
    let path = format!("/api/organizations/{organization}/audit-log{query}");
    let answer = client.get(&path).send().await.expect(200).json();
    answer["items"].as_array().expect("a list").clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    let actions = entries.iter().map(|entry| entry["action"].as_str());
    actions.map(|action| action.expect("a name")).collect()
}

each_database! {
    async fn every_change_is_in_the_log_of_its_organization_once(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let globex = setup.organization(&ada, "globex").await;
        let project = ada.post("/api/projects", json!({"name": "Note G"}))
            .header("x-organization-slug", "acme").send().await.expect(201).json();
        let path = format!("/api/projects/{}", text(&project["id"]));
        ada.delete(&path).header("x-organization-slug", "acme").send().await.expect(204);

        let entries = log(&ada, &acme, "").await;
        assert_eq!(actions(&entries), [
            "projects.project_deleted",
            "projects.project_created",
            "organizations.member_joined",
            "organizations.organization_created",
        ]);
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        for entry in &entries {
            assert_eq!(entry["actor"], me["id"]);
            assert!(entry["request_id"].is_string(), "{entry}");
        }
        assert_eq!(entries[1]["data"]["project_id"], project["id"]);
        let entries = log(&ada, &globex, "").await;
        assert_eq!(entries.len(), 2, "{entries:#?}");
    }

    async fn the_log_is_filtered_by_action_actor_and_time(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let joined = log(&ada, &acme, "?action=organizations.member_joined").await;
        assert_eq!(actions(&joined), ["organizations.member_joined"]);
        let unknown_user = "00000000-0000-7000-8000-000000000000";
        assert!(log(&ada, &acme, &format!("?actor={unknown_user}")).await.is_empty());
        let at = text(&joined[0]["occurred_at"]);
        let since = log(&ada, &acme, &format!("?from={at}")).await;
        assert_eq!(actions(&since), ["organizations.member_joined"]);
        let before = log(&ada, &acme, &format!("?to={at}")).await;
        assert_eq!(actions(&before), ["organizations.organization_created"]);
        assert!(log(&ada, &acme, "?to=2020-01-01T00:00:00Z").await.is_empty());
        assert!(log(&ada, &acme, "?from=2100-01-01T00:00:00Z").await.is_empty());
    }

    async fn the_log_is_paginated_newest_first(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let path = format!("/api/organizations/{acme}/audit-log?limit=1");
        let first = ada.get(&path).send().await.expect(200).json();
        let cursor = text(&first["next_cursor"]);
        let second = ada.get(&format!("{path}&cursor={cursor}")).send().await.expect(200).json();
        let names = [&first, &second].map(|page| text(&page["items"][0]["action"]));
        assert_eq!(names, ["organizations.member_joined", "organizations.organization_created"]);
        assert!(second["next_cursor"].is_null());
    }
}
