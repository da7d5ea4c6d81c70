//! Who may do what, and what strangers learn.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::http::support::{
    RANDOM_ID, Stage, api_routes, assert_problem, assert_same, filled, is_write,
};

each_database! {
    async fn only_admins_and_owners_rename(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let owner = stage.person("olga").await;
        let alpha = stage.organization(&owner, "alpha").await;
        let path = format!("/api/organizations/{alpha}");
        let rename = json!({"name": "Renamed"});

        for (name, role) in [("victor", Role::Viewer), ("mia", Role::Member)] {
            let client = stage.member("alpha", name, role).await;
            let before = stage.tables().await;
            // Decided before anything of the body is read.
            for body in [&rename, &json!({"name": ""}), &json!({"slug": "x"}), &json!(7)] {
                let answer = client.patch(&path, body).send().await.expect(403);
                assert_eq!(answer.problem_code(), "permission_denied");
                assert_problem(&answer);
            }
            client.raw("PATCH", &path).send().await.expect(403);
            stage.assert_unchanged(&before).await;
            // What every member may.
            for route in api_routes().iter().filter(|route| route.path.contains("{org")) {
                let needed = route.access.permission().expect("in an organization").min_role;
                let may = needed <= role;
                if may && (!is_write(route) || route.path.ends_with("/switch")) {
                    let path = filled(route, &alpha, RANDOM_ID);
                    client.raw(route.method.as_str(), &path).send().await.expect(200);
                }
            }
        }
        let admin = stage.member("alpha", "adam", Role::Admin).await;
        for client in [admin, owner] {
            let renamed = client.patch(&path, &rename).send().await.expect(200);
            assert_eq!(renamed.json()["name"], "Renamed");
        }
    }

    async fn a_role_counts_in_its_own_organization_alone(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let ada = stage.person("ada").await;
        stage.organization(&ada, "alpha").await;
        let grace = stage.person("grace").await;
        let beta = stage.organization(&grace, "beta").await;
        stage.join("beta", "ada", Role::Viewer).await;
        let before = stage.tables().await;
        let path = format!("/api/organizations/{beta}");
        ada.patch(&path, json!({"name": "Mine"})).send().await.expect(403);
        let project = json!({"name": "Rocket"});
        let write = ada.post("/api/projects", project).organization("beta").send().await;
        write.expect(403);
        stage.assert_unchanged(&before).await;
    }

    async fn a_stranger_can_not_tell_an_organization_from_none(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let owner = stage.person("olga").await;
        let alpha = stage.organization(&owner, "alpha").await;
        let closed = stage.organization(&owner, "closed").await;
        let left = stage.organization(&owner, "left").await;
        let stranger = stage.person("sam").await;
        stage.organization(&stranger, "own").await;
        for slug in ["closed", "left"] {
            stage.join(slug, "sam", Role::Owner).await;
        }
        stage.set_active("closed", false).await;
        stage.remove("left", "sam").await;

        let before = stage.tables().await;
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
        stage.assert_unchanged(&before).await;
    }

    async fn a_superuser_is_a_stranger_where_he_is_no_member(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let owner = stage.person("olga").await;
        let alpha = stage.organization(&owner, "alpha").await;
        let project = stage.project(&owner, "alpha", "Rocket").await;
        let root = stage.person("rita").await;
        let sql = "UPDATE users SET is_superuser = true, is_staff = true WHERE name = 'rita'";
        stage.database.execute(sql).await;
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
