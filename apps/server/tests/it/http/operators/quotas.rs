//! Quotas of an organization.

use std::sync::Arc;

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::{http::support::Setup, support::Rendezvous};

async fn limit(setup: &Setup, sql: &str) {
    let sql = format!("UPDATE organizations SET {sql} WHERE slug = 'acme'");
    assert_eq!(setup.database.execute(&sql).await, 1);
}

each_database! {
    async fn admins_see_usage_and_quotas(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let member = setup.member("acme", "mia", Role::Member).await;
        let path = format!("/api/organizations/{acme}/billing");
        member.get(&path).send().await.expect(403);
        let billing = ada.get(&path).send().await.expect(200).json();
        let expected = json!({
            "plan": "unlimited", "seats": {"used": 2, "allowed": null},
            "projects": {"used": 0, "allowed": null},
        });
        assert_eq!(billing, expected);
        setup.project(&ada, "acme", "Rocket").await;
        // Projects of other organizations do not count.
        let other = setup.user("cyd").await;
        setup.organization(&other, "globex").await;
        setup.project(&other, "globex", "Magnet").await;
        limit(&setup, "seat_limit = 5, project_limit = 1").await;
        let billing = ada.get(&path).send().await.expect(200).json();
        let expected = json!({
            "plan": "limited", "seats": {"used": 2, "allowed": 5},
            "projects": {"used": 1, "allowed": 1},
        });
        assert_eq!(billing, expected);
    }

    async fn a_project_over_the_quota_is_rejected(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "acme").await;
        limit(&setup, "project_limit = 1").await;
        let project = setup.project(&ada, "acme", "Rocket").await;
        let create = || ada.post("/api/projects", json!({"name": "Magnet"})).send();
        let refused = create().await.expect(409);
        assert_eq!(refused.problem_code(), "project_limit_reached");
        ada.raw("DELETE", &format!("/api/projects/{project}")).send().await.expect(204);
        create().await.expect(201);
        create().await.expect(409);
        limit(&setup, "project_limit = NULL").await;
        create().await.expect(201);
    }

    async fn of_two_concurrent_creations_at_the_quota_one_succeeds(db: TestDatabase) {
        let rendezvous = Arc::new(Rendezvous::at("projects.counted"));
        let setup = Setup::with_failpoints(db, rendezvous).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "acme").await;
        limit(&setup, "project_limit = 1").await;
        let create = |name: &str| ada.post("/api/projects", json!({"name": name})).send();
        let (one, two) = tokio::join!(create("One"), create("Two"));
        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409]);
        assert_eq!(setup.database.number("SELECT count(*) FROM projects").await, 1);
    }
}
