//! Permissions of roles, and responses to non-members.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::http::support::{
    RANDOM_ID, Setup, api_routes, assert_problem, assert_same, filled, is_write,
};

each_database! {
    async fn only_admins_and_owners_rename(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let owner = setup.user("olga").await;
        let alpha = setup.organization(&owner, "alpha").await;
        let path = format!("/api/organizations/{alpha}");
        let rename = json!({"name": "Renamed"});

        for (name, role) in [("victor", Role::Viewer), ("mia", Role::Member)] {
            let client = setup.member("alpha", name, role).await;
            let before = setup.tables().await;
            // Decided before the body is read.
            for body in [&rename, &json!({"name": ""}), &json!({"slug": "x"}), &json!(7)] {
                let answer = client.patch(&path, body).send().await.expect(403);
                assert_eq!(answer.problem_code(), "permission_denied");
                assert_problem(&answer);
            }
            client.raw("PATCH", &path).send().await.expect(403);
            setup.assert_unchanged(&before).await;
            // What the role may do.
            for route in api_routes().iter().filter(|route| route.path.contains("{org")) {
                let needed = route.access.permission().expect("in an organization").min_role;
                let may = needed <= role;
                if may && (!is_write(route) || route.path.ends_with("/switch")) {
                    let path = filled(route, &alpha, RANDOM_ID);
                    client.raw(route.method.as_str(), &path).send().await.expect(200);
                }
            }
        }
        let admin = setup.member("alpha", "adam", Role::Admin).await;
        for client in [admin, owner] {
            let renamed = client.patch(&path, &rename).send().await.expect(200);
            assert_eq!(renamed.json()["name"], "Renamed");
        }
    }

    async fn a_role_is_valid_in_its_organization_only(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let grace = setup.user("grace").await;
        let beta = setup.organization(&grace, "beta").await;
        setup.join("beta", "ada", Role::Viewer).await;
        let before = setup.tables().await;
        let path = format!("/api/organizations/{beta}");
        ada.patch(&path, json!({"name": "Mine"})).send().await.expect(403);
        let project = json!({"name": "Rocket"});
        let write = ada.post("/api/projects", project).organization("beta").send().await;
        write.expect(403);
        setup.assert_unchanged(&before).await;
    }

    async fn a_foreign_organization_is_indistinguishable_from_none(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let owner = setup.user("olga").await;
        let alpha = setup.organization(&owner, "alpha").await;
        let closed = setup.organization(&owner, "closed").await;
        let left = setup.organization(&owner, "left").await;
        let stranger = setup.user("sam").await;
        setup.organization(&stranger, "own").await;
        for slug in ["closed", "left"] {
            setup.join(slug, "sam", Role::Owner).await;
        }
        setup.set_active("closed", false).await;
        setup.remove("left", "sam").await;

        let before = setup.tables().await;
        for route in api_routes().iter().filter(|route| route.path.contains("{org")) {
            for body in ["{\"name\": \"Mine\"}", "{", ""] {
                let ask = |id: &str| {
                    let call = stranger.raw(route.method.as_str(), &filled(route, id, RANDOM_ID));
                    call.header("content-type", "application/json").body(body).send()
                };
                let unknown = ask(RANDOM_ID).await.expect(404);
                assert_eq!(unknown.problem_code(), "organization_not_found");
                assert_problem(&unknown);
                for id in [&alpha, &closed, &left, &alpha.to_uppercase(), "x", "alpha", "%00"] {
                    assert_same(&ask(id).await, &unknown);
                }
            }
        }
        setup.assert_unchanged(&before).await;
    }

    async fn a_superuser_has_no_access_without_a_membership(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let owner = setup.user("olga").await;
        let alpha = setup.organization(&owner, "alpha").await;
        let project = setup.project(&owner, "alpha", "Rocket").await;
        let root = setup.user("rita").await;
        let sql = "UPDATE users SET is_superuser = true, is_staff = true WHERE name = 'rita'";
        setup.database.execute(sql).await;
        let me = root.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["is_superuser"], true);
        assert_eq!(me["memberships"], json!([]));
        root.get(&format!("/api/organizations/{alpha}")).send().await.expect(404);
        root.get("/api/projects").organization("alpha").send().await.expect(404);
        let path = format!("/api/projects/{project}");
        root.get(&path).organization("alpha").send().await.expect(404);
        root.get(&path).send().await.expect(400);
    }
}
