//! A disabled organization keeps its data and is inaccessible.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::http::support::{RANDOM_ID, Setup, assert_same, items, text};

each_database! {
    async fn a_disabled_organization_is_inaccessible_until_enabled_again(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let project = setup.project(&ada, "acme", "Rocket").await;
        let switched = setup.member("acme", "bob", Role::Admin).await;
        let path = format!("/api/organizations/{acme}");
        switched.raw("POST", &format!("{path}/switch")).send().await.expect(200);
        let unknown = ada.get("/api/projects").organization("no-such-organization").send().await;
        let no_id = ada.get(&format!("/api/organizations/{RANDOM_ID}")).send().await.expect(404);
        let before = setup.tables().await;

        setup.set_active("acme", false).await;
        let closed = setup.tables().await;
        let by_header = ada.get("/api/projects").organization("acme").send().await.expect(404);
        assert_same(&by_header, &unknown);
        let by_session = switched.get("/api/projects").send().await.expect(403);
        assert_eq!(by_session.problem_code(), "active_organization_unavailable");
        let by_default = ada.get("/api/projects").send().await.expect(400);
        assert_eq!(by_default.problem_code(), "organization_required");
        for part in ["", "/members", "/settings", "/billing"] {
            let by_path = ada.get(&format!("{path}{part}")).send().await.expect(404);
            assert_same(&by_path, &no_id);
        }
        let switch = ada.raw("POST", &format!("{path}/switch")).send().await.expect(404);
        assert_same(&switch, &no_id);
        let write = ada.post("/api/projects", json!({"name": "Late"})).organization("acme");
        write.send().await.expect(404);
        let delete = json!({"confirm_slug": "acme"});
        ada.raw("DELETE", &path).json(delete).send().await.expect(404);
        let list = ada.get("/api/organizations").send().await.expect(200);
        assert!(items(&list, "slug").is_empty());
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!((&me["memberships"], &me["current_organization"]), (&json!([]), &json!(null)));
        setup.assert_unchanged(&closed).await;

        setup.set_active("acme", true).await;
        setup.assert_unchanged(&before).await;
        let rocket = ada.get(&format!("/api/projects/{project}")).send().await.expect(200);
        assert_eq!(text(&rocket.json()["name"]), "Rocket");
        switched.get("/api/projects").send().await.expect(200);
    }
}
