//! The documented order: header, session, default, none.

use serde_json::json;
use tenantry_http::RouteInfo;
use tenantry_testkit::{ApiClient, Call, each_database};

use crate::http::support::{Setup, api_routes, filled, is_write, items, text};

/// The organization that a request of this client acts in.
async fn current(client: &ApiClient) -> String {
    slug(client.get("/api/organizations/current")).await
}

async fn slug(call: Call) -> String {
    text(&call.send().await.expect(200).json()["slug"])
}

async fn switch(client: &ApiClient, organization: &str) {
    let path = format!("/api/organizations/{organization}/switch");
    let answer = client.raw("POST", &path).send().await;
    assert_eq!(answer.expect(200).json()["status"], "switched");
}

each_database! {
    async fn the_header_precedes_the_session_and_the_session_the_default(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        setup.organization(&ada, "gamma").await;

        assert_eq!(current(&ada).await, "alpha");
        switch(&ada, &beta).await;
        assert_eq!(current(&ada).await, "beta");
        let named = ada.get("/api/organizations/current").organization("gamma");
        assert_eq!(slug(named).await, "gamma");
        // The header applies to one request only.
        assert_eq!(current(&ada).await, "beta");

        // Writes go where reads do.
        for (header, expected) in [(None, "beta"), (Some("gamma"), "gamma"), (Some("alpha"), "alpha")] {
            let mut call = ada.post("/api/projects", json!({"name": "Rocket"}));
            if let Some(header) = header {
                call = call.organization(header);
            }
            let made = text(&call.send().await.expect(201).json()["id"]);
            let found = ada.get(&format!("/api/projects/{made}")).organization(expected);
            found.send().await.expect(200);
        }
        let count = setup.database.query(
            "SELECT o.slug, count(*) AS n FROM projects p
             JOIN organizations o ON o.id = p.organization_id GROUP BY o.slug ORDER BY o.slug",
        );
        let expected = ["alpha", "beta", "gamma"].map(|slug| json!({"slug": slug, "n": 1}));
        assert_eq!(count.await, expected);
        switch(&ada, &alpha).await;
        assert_eq!(current(&ada).await, "alpha");
    }

    async fn the_default_is_the_oldest_membership(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        for slug in ["alpha", "beta", "gamma"] {
            setup.organization(&ada, slug).await;
        }
        // The one joined first, not the one created first, last or first by name.
        setup.database.execute(
            "UPDATE organization_members SET joined_at = '2020-01-01T00:00:00+00:00'
             WHERE organization_id = (SELECT id FROM organizations WHERE slug = 'beta')",
        ).await;
        assert_eq!(current(&ada).await, "beta");

        // Of those joined at the same time, the one whose membership was created first.
        setup.database.execute(
            "UPDATE organization_members SET joined_at = '2020-01-01T00:00:00+00:00'
             WHERE organization_id <> (SELECT id FROM organizations WHERE slug = 'alpha')",
        ).await;
        assert_eq!(current(&ada).await, "beta");
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["current_organization"]["slug"], "beta");
        assert_eq!(me["memberships"][1]["organization"]["slug"], "gamma");
    }

    async fn a_switch_affects_one_session(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        let elsewhere = setup.login("ada").await;

        switch(&ada, &beta).await;
        assert_eq!(current(&elsewhere).await, "alpha");
        // It does not outlive the session.
        assert_eq!(current(&setup.login("ada").await).await, "alpha");
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["current_organization"]["slug"], "beta");
    }

    async fn only_the_header_and_the_session_select_the_organization(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;

        let session = ada.cookies().expect("a session");
        let cookies = format!(
            "organization=beta; X-Organization-Slug=beta; selected_organization={beta}; {session}"
        );
        let call = setup.anonymous().get("/api/organizations/current");
        assert_eq!(slug(call.header("cookie", cookies)).await, "alpha");
        let call = ada.get("/api/organizations/current");
        let call = call.header("X-Organization", "beta").header("X-Organization-Id", &beta);
        assert_eq!(slug(call.header("X-Tenant", "beta")).await, "alpha");

        let before = setup.tables().await;
        for query in ["organization=beta", "X-Organization-Slug=beta", "organization_slug=beta"] {
            let path = format!("/api/organizations/current?{query}");
            let answer = ada.get(&path).send().await.expect(400);
            assert_eq!(answer.problem_code(), "unknown_parameter");
        }
        for field in ["organization_id", "organization", "organization_slug"] {
            let body = json!({"name": "Rocket", field: beta});
            let answer = ada.post("/api/projects", body).send().await.expect(400);
            assert_eq!(answer.problem_code(), "unknown_field");
            let path = format!("/api/projects?{field}={beta}");
            let answer = ada.get(&path).send().await.expect(400);
            assert_eq!(answer.problem_code(), "unknown_parameter");
        }
        setup.assert_unchanged(&before).await;
    }

    async fn without_a_membership_an_organization_is_required(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let before = setup.tables().await;
        for (method, path) in [
            ("GET", "/api/organizations/current"),
            ("GET", "/api/projects"),
            ("POST", "/api/projects"),
            ("POST", "/api/projects/bulk"),
            ("DELETE", "/api/projects/x"),
        ] {
            let answer = ada.raw(method, path).send().await.expect(400);
            assert_eq!(answer.problem_code(), "organization_required", "{method} {path}");
        }
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["memberships"], json!([]));
        assert_eq!(me["current_organization"], json!(null));
        let own = ada.get("/api/organizations").send().await.expect(200);
        assert!(items(&own, "slug").is_empty());
        setup.assert_unchanged(&before).await;
    }

    async fn a_get_writes_nothing(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let project = setup.project(&ada, "alpha", "Rocket").await;
        let before = setup.tables().await;
        // Operator reads record view events; they have their own test.
        let reads = |route: &&RouteInfo| !is_write(route) && !route.access.is_for_operators();
        for route in api_routes().iter().filter(reads) {
            let path = filled(route, &alpha, &project);
            for method in ["GET", "HEAD"] {
                ada.raw(method, &path).organization("alpha").send().await.expect(200);
            }
        }
        setup.assert_unchanged(&before).await;
    }
}
