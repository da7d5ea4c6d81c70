//! Reading, renaming and switching.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::http::support::{Setup, items, text};

each_database! {
    async fn users_see_their_organizations_sorted_by_name(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let grace = setup.user("grace").await;
        for name in ["Zebra", "apple", "Mango"] {
            let made = ada.post("/api/organizations", json!({"name": name})).send().await;
            made.expect(201);
        }
        setup.organization(&grace, "foreign").await;
        setup.organization(&grace, "shared").await;
        setup.join("shared", "ada", Role::Viewer).await;

        let own = ada.get("/api/organizations").send().await.expect(200);
        assert_eq!(items(&own, "slug"), ["apple", "mango", "shared", "zebra"]);
        assert_eq!(items(&own, "role"), ["owner", "owner", "viewer", "owner"]);
        assert_eq!(own.json()["next_cursor"], json!(null));
        let mut fields: Vec<_> =
            own.json()["items"][0].as_object().expect("an object").keys().cloned().collect();
        fields.sort();
        assert_eq!(fields, ["created_at", "id", "name", "role", "slug"]);

        let first = ada.get("/api/organizations?limit=3").send().await.expect(200);
        assert_eq!(items(&first, "slug"), ["apple", "mango", "shared"]);
        let cursor = text(&first.json()["next_cursor"]);
        let path = format!("/api/organizations?limit=3&cursor={cursor}");
        let second = ada.get(&path).send().await.expect(200);
        assert_eq!(items(&second, "slug"), ["zebra"]);
        // A cursor belongs to one user's list.
        let foreign = grace.get(&path).send().await.expect(400);
        assert_eq!(foreign.problem_code(), "invalid_cursor");
    }

    async fn an_organization_is_read_by_its_id_and_as_the_current_one(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        setup.organization(&ada, "beta").await;
        let viewer = setup.member("alpha", "victor", Role::Viewer).await;

        let path = format!("/api/organizations/{alpha}");
        let read = viewer.get(&path).send().await.expect(200).json();
        assert_eq!(read["slug"], "alpha");
        assert_eq!(read["role"], "viewer");
        let current = viewer.get("/api/organizations/current").send().await.expect(200).json();
        assert_eq!(current, read);
        let named = ada.get("/api/organizations/current").organization("beta").send().await;
        assert_eq!(named.expect(200).json()["slug"], "beta");
        // The slug is not an id.
        ada.get("/api/organizations/alpha").send().await.expect(404);
    }

    async fn a_rename_changes_neither_the_slug_nor_other_organizations(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        let path = format!("/api/organizations/{alpha}");
        let name = json!({"name": " Zo\u{65}\u{308} Ltd "});
        let renamed = ada.patch(&path, name).send().await.expect(200).json();
        assert_eq!(renamed["name"], "Zo\u{eb} Ltd");
        assert_eq!(renamed["slug"], "alpha");
        assert_eq!(ada.get(&path).send().await.expect(200).json(), renamed);
        let own = ada.get("/api/organizations").send().await.expect(200);
        assert_eq!(items(&own, "slug"), ["beta", "alpha"], "sorted by the new name");

        let before = setup.tables().await;
        for field in ["slug", "is_active", "id", "role"] {
            let body = json!({"name": "Other", field: "other"});
            let answer = ada.patch(&path, body).send().await.expect(400);
            assert_eq!(answer.problem_code(), "unknown_field", "{field}");
        }
        for bad in ["", " ", "a\tb", &"x".repeat(256)] {
            ada.patch(&path, json!({"name": bad})).send().await.expect(422);
        }
        ada.patch(&path, json!({})).send().await.expect(422);
        setup.assert_unchanged(&before).await;
        let untouched = ada.get(&format!("/api/organizations/{beta}")).send().await;
        assert_eq!(untouched.expect(200).json()["name"], "beta");
    }

    async fn a_switch_returns_the_active_organization(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        let path = format!("/api/organizations/{beta}/switch");
        let answer = ada.raw("POST", &path).send().await.expect(200);
        assert_eq!(answer.json(), json!({"status": "switched", "organization": "beta"}));
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["current_organization"]["slug"], "beta");
        // Switching again is idempotent.
        ada.raw("POST", &path).send().await.expect(200);
    }
}
