//! The operator routes.

use serde_json::json;
use tenantry_testkit::{ApiClient, each_database};

use crate::http::support::{RANDOM_ID, Setup, assert_same, items, text};

/// A new operator, promoted in the database.
async fn operator(setup: &Setup, name: &str, flag: &str) -> ApiClient {
    let client = setup.user(name).await;
    let sql = format!("UPDATE users SET {flag} = TRUE WHERE email = '{name}@example.com'");
    assert_eq!(setup.database.execute(&sql).await, 1);
    client
}

async fn id_of(client: &ApiClient) -> String {
    let me = client.get("/api/auth/me").send().await.expect(200);
    text(&me.json()["id"])
}

each_database! {
    async fn a_superuser_disables_limits_and_enables_an_organization(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let path = format!("/api/admin/organizations/{acme}");

        let change = json!({"is_active": false, "limits": {"seats": 3}});
        let closed = root.patch(&path, change).send().await.expect(200).json();
        assert_eq!(closed["is_active"], false);
        assert_eq!(closed["limits"], json!({"seats": 3, "projects": null}));
        ada.get("/api/projects").organization("acme").send().await.expect(404);
        let listed = root.get("/api/admin/organizations?is_active=false").send().await.expect(200);
        assert_eq!(items(&listed, "slug"), ["acme"]);

        let change = json!({"is_active": true, "limits": {"seats": null}});
        let opened = root.patch(&path, change).send().await.expect(200).json();
        assert_eq!(opened["limits"]["seats"], json!(null));
        ada.get("/api/projects").organization("acme").send().await.expect(200);

        for bad in [json!({"is_active": null}), json!({"limits": {"seats": -1}}), json!({"limits": {"projects": 2_147_483_648_u32}}), json!({"limits": null})] {
            root.patch(&path, bad).send().await.expect(422);
        }
        root.patch(&path, json!({"slug": "other"})).send().await.expect(400);
        let unknown = format!("/api/admin/organizations/{RANDOM_ID}");
        root.patch(&unknown, json!({"is_active": true})).send().await.expect(404);
    }

    async fn staff_see_their_own_organizations_and_no_superuser_routes(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let staff = operator(&setup, "staff", "is_staff").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        setup.organization(&ada, "globex").await;
        setup.join("globex", "staff", tenantry_core::access::Role::Viewer).await;

        let listed = staff.get("/api/admin/organizations").send().await.expect(200);
        assert_eq!(items(&listed, "slug"), ["globex"]);
        let members = staff.get("/api/admin/members").send().await.expect(200);
        assert_eq!(items(&members, "user_email").len(), 2);
        let foreign = format!("/api/admin/members?organization_id={acme}");
        let members = staff.get(&foreign).send().await.expect(200);
        assert!(items(&members, "user_email").is_empty());

        let nothing = staff.get("/api/admin/nothing").send().await.expect(404);
        for path in ["/api/admin/users".to_owned(), "/api/reports/organizations".to_owned(), format!("/api/admin/users/{RANDOM_ID}")] {
            assert_same(&staff.get(&path).send().await, &nothing);
        }
        let change = json!({"is_active": false});
        let path = format!("/api/admin/organizations/{acme}");
        assert_same(&staff.patch(&path, change).send().await, &nothing);
    }

    async fn members_are_filtered_by_role_and_organization(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        setup.member("acme", "bob", tenantry_core::access::Role::Viewer).await;
        setup.organization(&setup.user("cyd").await, "globex").await;
        let found = async |query: &str| {
            let path = format!("/api/admin/members{query}");
            let mut found = items(&root.get(&path).send().await.expect(200), "user_email");
            found.sort();
            found.join(" ").replace("@example.com", "")
        };
        assert_eq!(found("").await, "ada bob cyd");
        assert_eq!(found("?role=owner").await, "ada cyd");
        assert_eq!(found(&format!("?organization_id={acme}&role=viewer")).await, "bob");
        root.get("/api/admin/members?role=king").send().await.expect(422);
        root.get("/api/admin/members?name=ada").send().await.expect(400);
        let page = root.get("/api/admin/members?limit=2").send().await.expect(200).json();
        let next = format!("?cursor={}", text(&page["next_cursor"]));
        assert_eq!(found(&next).await.split(' ').count(), 1);
    }

    async fn an_account_is_disabled_and_enabled_again(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        let path = format!("/api/admin/users/{}", id_of(&ada).await);
        let found = root.get("/api/admin/users?q=ADA").send().await.expect(200);
        assert_eq!(items(&found, "email"), ["ada@example.com"]);

        let locked = root.patch(&path, json!({"is_active": false})).send().await.expect(200);
        assert_eq!(locked.json()["is_active"], false);
        ada.get("/api/auth/me").send().await.expect(401);
        let found = root.get("/api/admin/users?is_active=false").send().await.expect(200);
        assert_eq!(items(&found, "email"), ["ada@example.com"]);
        root.patch(&path, json!({"is_active": true})).send().await.expect(200);
        // The old session stays revoked.
        ada.get("/api/auth/me").send().await.expect(401);
        setup.login("ada").await.get("/api/auth/me").send().await.expect(200);
        // No route promotes a user.
        root.patch(&path, json!({"is_superuser": true})).send().await.expect(400);
    }

    async fn a_sole_owner_is_disabled_by_force_and_the_organization_gets_another_one(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = operator(&setup, "root", "is_superuser").await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let bob = setup.member("acme", "bob", tenantry_core::access::Role::Member).await;
        let members = format!("/api/organizations/{acme}/members");
        let members = bob.get(&members).send().await.expect(200).json();
        let id = |role: &str| {
            let items = members["items"].as_array().expect("a list");
            let found = items.iter().find(|member| member["role"] == role);
            text(&found.expect("a member")["id"])
        };
        let user = format!("/api/admin/users/{}", id_of(&ada).await);
        let organization = format!("/api/admin/organizations/{acme}");
        let give = json!({"owner_member_id": id("member")});

        let refused = root.patch(&organization, give.clone()).send().await.expect(409);
        assert_eq!(refused.problem_code(), "owner_exists");
        for gentle in [json!({"is_active": false}), json!({"is_active": false, "force": false})] {
            let refused = root.patch(&user, gentle).send().await.expect(409);
            assert_eq!(refused.problem_code(), "last_owner");
            assert!(text(&refused.json()["detail"]).ends_with(" acme"), "{refused:?}");
        }
        for bad in [json!({"force": true}), json!({"is_active": true, "force": true}), json!({"is_active": false, "force": 1}), json!({"is_active": false, "force": null})] {
            root.patch(&user, bad).send().await.expect(422);
        }
        ada.get("/api/auth/me").send().await.expect(200);
        let forced = json!({"is_active": false, "force": true});
        let disabled = root.patch(&user, forced).send().await.expect(200);
        assert_eq!(disabled.json()["is_active"], false);
        ada.get("/api/auth/me").send().await.expect(401);

        let unknown = json!({"owner_member_id": RANDOM_ID});
        let refused = root.patch(&organization, unknown).send().await.expect(404);
        assert_eq!(refused.problem_code(), "member_not_found");
        let inactive = json!({"owner_member_id": id("owner")});
        let refused = root.patch(&organization, inactive).send().await.expect(409);
        assert_eq!(refused.problem_code(), "owner_inactive");
        for bad in [json!({"owner_member_id": null}), json!({"owner_member_id": "bob"})] {
            root.patch(&organization, bad).send().await.expect(422);
        }
        root.patch(&organization, give).send().await.expect(200);
        let own = bob.get("/api/organizations").send().await.expect(200);
        assert_eq!(items(&own, "role"), ["owner"]);
        let log = format!("/api/organizations/{acme}/audit-log");
        let log = bob.get(&log).send().await.expect(200);
        let actions = items(&log, "action");
        for action in ["organizations.owner_lost", "organizations.member_suspended", "organizations.member_role_changed"] {
            assert!(actions.iter().any(|found| found == action), "{actions:?}");
        }
    }
}
