//! Reading and changing one's own account.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::http::support::Setup;

each_database! {
    async fn me_returns_the_account_and_its_memberships(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let grace = setup.user("grace").await;
        let beta = setup.organization(&grace, "beta").await;
        setup.join("beta", "ada", Role::Viewer).await;

        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        let alpha = json!({"id": alpha, "name": "alpha", "slug": "alpha"});
        let beta = json!({"id": beta, "name": "beta", "slug": "beta"});
        let expected = json!({
            "id": me["id"],
            "email": "ada@example.com",
            "email_verified": false,
            "name": "ada",
            "is_superuser": false,
            "memberships": [
                {"organization": alpha, "role": "owner"},
                {"organization": beta, "role": "viewer"},
            ],
            "memberships_truncated": false,
            "current_organization": alpha,
            "deployment": {"mode": "saas", "multi_org_enabled": true},
        });
        assert_eq!(me, expected);
    }

    async fn users_can_change_their_name(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let grace = setup.user("grace").await;
        let name = json!({"name": "  Ada King "});
        let changed = ada.patch("/api/auth/me", name).send().await.expect(200).json();
        assert_eq!(changed["name"], "Ada King");
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["name"], "Ada King");
        assert_eq!(me["id"], changed["id"]);
        let other = grace.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(other["name"], "grace");

        let before = setup.tables().await;
        let missing = ada.patch("/api/auth/me", json!({})).send().await.expect(422);
        assert_eq!(missing.json()["errors"][0]["message"], "is required");
        setup.assert_unchanged(&before).await;
    }

    async fn an_account_shows_no_secret(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        for path in ["/api/auth/me", "/api/auth/sessions"] {
            let body = ada.get(path).send().await.expect(200).stable_body();
            for secret in ["password", "hash", "key", "argon2"] {
                assert!(!body.contains(secret), "{body}");
            }
        }
    }
}
