//! Organizations and memberships that end during a session.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::{Answer, ApiClient, each_database};

use crate::http::support::{Setup, assert_problem, items, text};

async fn me(client: &ApiClient) -> serde_json::Value {
    client.get("/api/auth/me").send().await.expect(200).json()
}

async fn switch(client: &ApiClient, organization: &str) -> Answer {
    let path = format!("/api/organizations/{organization}/switch");
    client.raw("POST", &path).send().await
}

/// Asserts that every route of the request's organization is rejected with this error.
async fn assert_tenant_routes_reject(client: &ApiClient, status: u16, code: &str) {
    let project = json!({"name": "Rocket"});
    for call in [
        client.get("/api/projects"),
        client.post("/api/projects", &project),
        client.post("/api/projects/bulk", json!({"ids": [], "status": "draft"})),
        client.get("/api/projects/x"),
        client.patch("/api/projects/x", &project),
        client.delete("/api/projects/x"),
        client.get("/api/organizations/current"),
    ] {
        let answer = call.send().await.expect(status);
        assert_eq!(answer.problem_code(), code, "{answer}");
        assert_problem(&answer);
    }
}

each_database! {
    async fn a_disabled_organization_is_hidden_everywhere(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        setup.organization(&ada, "beta").await;
        let project = setup.project(&ada, "alpha", "Rocket").await;
        setup.set_active("alpha", false).await;
        let before = setup.tables().await;

        let own = ada.get("/api/organizations").send().await.expect(200);
        assert_eq!(items(&own, "slug"), ["beta"]);
        let me = me(&ada).await;
        assert_eq!(me["memberships"].as_array().map(Vec::len), Some(1));
        assert_eq!(me["memberships"][0]["organization"]["slug"], "beta");
        // It was the default; now the next oldest membership is.
        assert_eq!(me["current_organization"]["slug"], "beta");
        let current = ada.get("/api/organizations/current").send().await.expect(200);
        assert_eq!(text(&current.json()["slug"]), "beta");
        ada.get(&format!("/api/projects/{project}")).send().await.expect(404);

        let header = ada.get("/api/projects").organization("alpha").send().await.expect(404);
        assert_eq!(header.problem_code(), "organization_not_found");
        for path in ["", "/members"] {
            let path = format!("/api/organizations/{alpha}{path}");
            let answer = ada.get(&path).send().await.expect(404);
            assert_eq!(answer.problem_code(), "organization_not_found");
        }
        let path = format!("/api/organizations/{alpha}");
        ada.patch(&path, json!({"name": "Other"})).send().await.expect(404);
        switch(&ada, &alpha).await.expect(404);
        setup.assert_unchanged(&before).await;

        // No data was lost.
        setup.set_active("alpha", true).await;
        let found = ada.get(&format!("/api/projects/{project}")).send().await;
        assert_eq!(found.expect(200).json()["name"], "Rocket");
    }

    async fn a_session_without_its_organization_does_not_fall_back(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let grace = setup.user("grace").await;
        let alpha = setup.organization(&grace, "alpha").await;
        let ada = setup.user("ada").await;
        let beta = setup.organization(&ada, "beta").await;
        setup.join("alpha", "ada", Role::Admin).await;

        for loss in ["disabled", "removed", "deleted"] {
            switch(&ada, &alpha).await.expect(200);
            ada.post("/api/projects", json!({"name": loss})).send().await.expect(201);
            match loss {
                "disabled" => setup.set_active("alpha", false).await,
                "removed" => setup.remove("alpha", "ada").await,
                _ => {
                    let sql = "DELETE FROM organizations WHERE slug = 'alpha'";
                    setup.database.execute(sql).await;
                }
            }

            let before = setup.tables().await;
            assert_tenant_routes_reject(&ada, 403, "active_organization_unavailable").await;
            let known = me(&ada).await;
            assert_eq!(known["current_organization"], json!(null), "{loss}");
            assert_eq!(known["memberships"].as_array().map(Vec::len), Some(1), "{loss}");
            let own = ada.get("/api/organizations").send().await.expect(200);
            assert_eq!(items(&own, "slug"), ["beta"], "{loss}");
            ada.get("/api/auth/sessions").send().await.expect(200);
            ada.get(&format!("/api/organizations/{beta}")).send().await.expect(200);
            switch(&ada, &alpha).await.expect(404);
            // The header still works, and does not change the session.
            ada.get("/api/projects").organization("beta").send().await.expect(200);
            assert_tenant_routes_reject(&ada, 403, "active_organization_unavailable").await;
            setup.assert_unchanged(&before).await;

            switch(&ada, &beta).await.expect(200);
            let projects = ada.get("/api/projects").send().await.expect(200);
            assert_eq!(items(&projects, "id"), [""; 0], "a write was redirected: {loss}");
            match loss {
                "disabled" => setup.set_active("alpha", true).await,
                "removed" => setup.join("alpha", "ada", Role::Admin).await,
                _ => {}
            }
        }
    }

    async fn a_reenabled_organization_is_active_in_the_session_again(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        switch(&ada, &beta).await.expect(200);
        setup.set_active("beta", false).await;
        ada.get("/api/projects").send().await.expect(403);
        setup.set_active("beta", true).await;
        let current = ada.get("/api/organizations/current").send().await.expect(200);
        assert_eq!(current.json()["slug"], "beta");
    }

    async fn a_removed_member_loses_access_at_the_next_request(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let grace = setup.user("grace").await;
        let alpha = setup.organization(&grace, "alpha").await;
        let project = setup.project(&grace, "alpha", "Rocket").await;
        let ada = setup.member("alpha", "ada", Role::Owner).await;
        let path = format!("/api/projects/{project}");
        ada.get(&path).send().await.expect(200);

        setup.remove("alpha", "ada").await;
        let before = setup.tables().await;
        assert_tenant_routes_reject(&ada, 400, "organization_required").await;
        for call in [
            ada.get(&path).organization("alpha"),
            ada.patch(&path, json!({"name": "Mine"})).organization("alpha"),
            ada.delete(&path).organization("alpha"),
            ada.get(&format!("/api/organizations/{alpha}")),
            ada.get(&format!("/api/organizations/{alpha}/members")),
            ada.patch(&format!("/api/organizations/{alpha}"), json!({"name": "Mine"})),
        ] {
            let answer = call.send().await.expect(404);
            assert_eq!(answer.problem_code(), "organization_not_found");
        }
        setup.assert_unchanged(&before).await;
        // A new login does not restore access.
        let again = setup.login("ada").await;
        assert_eq!(me(&again).await["memberships"], json!([]));
    }

    async fn a_role_change_takes_effect_at_the_next_request(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let grace = setup.user("grace").await;
        setup.organization(&grace, "alpha").await;
        let ada = setup.member("alpha", "ada", Role::Member).await;
        ada.post("/api/projects", json!({"name": "Rocket"})).send().await.expect(201);
        setup.database.execute(
            "UPDATE organization_members SET role = 'viewer' WHERE role = 'member'",
        ).await;
        let refused = ada.post("/api/projects", json!({"name": "Other"})).send().await.expect(403);
        assert_eq!(refused.problem_code(), "permission_denied");
        ada.get("/api/projects").send().await.expect(200);
    }
}
