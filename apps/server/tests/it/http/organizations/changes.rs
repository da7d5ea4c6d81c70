//! Changing and ending memberships.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::{ApiClient, each_database};

use crate::http::support::{RANDOM_ID, Setup, assert_problem, assert_same, items, text};

/// The id of a membership.
async fn member_id(client: &ApiClient, members: &str, name: &str) -> String {
    let list = client.get(&format!("{members}?limit=100")).send().await;
    let list = list.expect(200).json();
    let items = list["items"].as_array().expect("a list");
    let one = items.iter().find(|item| item["user_name"] == name);
    text(&one.expect("a member")["id"])
}

each_database! {
    async fn a_role_change_takes_effect_immediately(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let bob = setup.member("alpha", "bob", Role::Viewer).await;
        let members = format!("/api/organizations/{alpha}/members");
        let path = format!("{members}/{}", member_id(&ada, &members, "bob").await);
        bob.post("/api/projects", json!({"name": "Rocket"})).send().await.expect(403);

        let changed = ada.patch(&path, json!({"role": "member"})).send().await.expect(200).json();
        assert_eq!((&changed["user_email"], &changed["role"]), (&json!("bob@example.com"), &json!("member")));
        bob.post("/api/projects", json!({"name": "Rocket"})).send().await.expect(201);
        let before = setup.tables().await;
        ada.patch(&path, json!({"role": "member"})).send().await.expect(200);
        setup.assert_unchanged(&before).await;

        for (body, status) in [
            (json!({"role": "king"}), 422), (json!({"role": null}), 422), (json!({}), 422),
            (json!({"role": 1}), 422), (json!({"role": "member", "x": 1}), 422), (json!([]), 422),
        ] {
            let refused = ada.patch(&path, &body).send().await;
            assert!([400, status].contains(&refused.status), "{body}: {refused}");
            assert_problem(&refused);
        }
        setup.assert_unchanged(&before).await;
    }

    async fn former_members_lose_access_immediately(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let members = format!("/api/organizations/{alpha}/members");
        let bob = setup.member("alpha", "bob", Role::Admin).await;
        let cy = setup.member("alpha", "cy", Role::Viewer).await;
        let id = member_id(&ada, &members, "bob").await;
        ada.raw("DELETE", &format!("{members}/{id}")).send().await.expect(204);
        cy.raw("POST", &format!("/api/organizations/{alpha}/leave")).send().await.expect(204);
        for gone in [&bob, &cy] {
            let refused = gone.get(&format!("/api/organizations/{alpha}")).send().await.expect(404);
            assert_eq!(refused.problem_code(), "organization_not_found");
            gone.get("/api/projects").organization("alpha").send().await.expect(404);
        }
        let list = ada.get(&members).send().await.expect(200);
        assert_eq!(items(&list, "user_name"), ["ada"]);
    }

    async fn a_foreign_member_is_not_found(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let grace = setup.user("grace").await;
        let beta = setup.organization(&grace, "beta").await;
        setup.member("beta", "bob", Role::Viewer).await;
        // Even for the foreign organization's owner, who is an owner here.
        setup.join("alpha", "grace", Role::Owner).await;
        let foreign = member_id(&grace, &format!("/api/organizations/{beta}/members"), "bob").await;
        let before = setup.tables().await;
        let members = format!("/api/organizations/{alpha}/members");
        for client in [&ada, &grace] {
            let unknown = client.raw("DELETE", &format!("{members}/{RANDOM_ID}")).send().await.expect(404);
            assert_eq!(unknown.problem_code(), "member_not_found");
            for id in [&*foreign, "x", &foreign.to_uppercase(), "%00"] {
                let removed = client.raw("DELETE", &format!("{members}/{id}")).send().await;
                assert_same(&removed, &unknown);
                let path = format!("{members}/{id}");
                let changed = client.patch(&path, json!({"role": "admin"})).send().await;
                assert_same(&changed, &unknown);
            }
            let transfer = format!("/api/organizations/{alpha}/transfer");
            let handed = client.post(&transfer, json!({"member_id": foreign})).send().await;
            assert_same(&handed, &unknown);
        }
        setup.assert_unchanged(&before).await;
    }

    async fn the_last_owner_cannot_leave_or_be_removed(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let admin = setup.member("alpha", "adam", Role::Admin).await;
        let members = format!("/api/organizations/{alpha}/members");
        let own = format!("{members}/{}", member_id(&ada, &members, "ada").await);
        let before = setup.tables().await;
        let refused = [
            ada.patch(&own, json!({"role": "admin"})).send().await,
            ada.raw("DELETE", &own).send().await,
            ada.raw("POST", &format!("/api/organizations/{alpha}/leave")).send().await,
        ];
        for refused in refused {
            assert_problem(&refused);
            assert_eq!(refused.expect(409).problem_code(), "last_owner");
        }
        // An admin may not act on an owner at all.
        let touched = admin.raw("DELETE", &own).send().await.expect(403);
        assert_eq!(touched.problem_code(), "permission_denied");
        setup.assert_unchanged(&before).await;
    }

    async fn ownership_is_transferred_in_one_step(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let bob = setup.member("alpha", "bob", Role::Viewer).await;
        let members = format!("/api/organizations/{alpha}/members");
        let transfer = format!("/api/organizations/{alpha}/transfer");
        let to = |id: &str| json!({"member_id": id});
        let (bobs, own) = (member_id(&ada, &members, "bob").await, member_id(&ada, &members, "ada").await);

        let oneself = ada.post(&transfer, to(&own)).send().await.expect(422);
        assert_eq!(oneself.problem_code(), "transfer_to_oneself");
        bob.post(&transfer, to(&bobs)).send().await.expect(403);
        ada.post(&transfer, json!({"member_id": "x"})).send().await.expect(422);

        let owner = ada.post(&transfer, to(&bobs)).send().await.expect(200).json();
        assert_eq!((&owner["user_name"], &owner["role"]), (&json!("bob"), &json!("owner")));
        let list = bob.get(&members).send().await.expect(200);
        assert_eq!(items(&list, "role"), ["owner", "admin"]);
        ada.post(&transfer, to(&bobs)).send().await.expect(403);

        let sql = "UPDATE users SET is_active = false WHERE name = 'ada'";
        setup.database.execute(sql).await;
        let back = bob.post(&transfer, to(&own)).send().await.expect(409);
        assert_eq!(back.problem_code(), "owner_inactive");
    }
}
