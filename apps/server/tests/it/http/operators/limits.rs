//! How much an organization may have.

use std::sync::Arc;

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::{http::support::Stage, support::Encounter};

async fn limit(stage: &Stage, sql: &str) {
    let sql = format!("UPDATE organizations SET {sql} WHERE slug = 'acme'");
    assert_eq!(stage.database.execute(&sql).await, 1);
}

each_database! {
    async fn admins_see_what_there_is_and_may_be(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let ada = stage.person("ada").await;
        let acme = stage.organization(&ada, "acme").await;
        let member = stage.member("acme", "mia", Role::Member).await;
        let path = format!("/api/organizations/{acme}/billing");
        member.get(&path).send().await.expect(403);
        let billing = ada.get(&path).send().await.expect(200).json();
        let expected = json!({
            "plan": "unlimited", "seats": {"used": 2, "allowed": null},
            "projects": {"used": 0, "allowed": null},
        });
        assert_eq!(billing, expected);
        stage.project(&ada, "acme", "Rocket").await;
        // Those of others don't count.
        let other = stage.person("cyd").await;
        stage.organization(&other, "globex").await;
        stage.project(&other, "globex", "Magnet").await;
        limit(&stage, "seat_limit = 5, project_limit = 1").await;
        let billing = ada.get(&path).send().await.expect(200).json();
        let expected = json!({
            "plan": "limited", "seats": {"used": 2, "allowed": 5},
            "projects": {"used": 1, "allowed": 1},
        });
        assert_eq!(billing, expected);
    }

    async fn a_project_too_many_is_refused_until_there_is_room(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let ada = stage.person("ada").await;
        stage.organization(&ada, "acme").await;
        limit(&stage, "project_limit = 1").await;
        let project = stage.project(&ada, "acme", "Rocket").await;
        let create = || ada.post("/api/projects", json!({"name": "Magnet"})).send();
        let refused = create().await.expect(409);
        assert_eq!(refused.problem_code(), "project_limit_reached");
        ada.raw("DELETE", &format!("/api/projects/{project}")).send().await.expect(204);
        create().await.expect(201);
        create().await.expect(409);
        limit(&stage, "project_limit = NULL").await;
        create().await.expect(201);
    }

    async fn two_who_create_the_last_project_at_once_make_one(db: TestDatabase) {
        let encounter = Arc::new(Encounter::at("projects.counted"));
        let stage = Stage::with_failpoints(db, encounter).await;
        let ada = stage.person("ada").await;
        stage.organization(&ada, "acme").await;
        limit(&stage, "project_limit = 1").await;
        let create = |name: &str| ada.post("/api/projects", json!({"name": name})).send();
        let (one, two) = tokio::join!(create("One"), create("Two"));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        assert_eq!(stage.database.number("SELECT count(*) FROM projects").await, 1);
    }
}
