//! Creating, reading, changing and deleting.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::http::support::{RANDOM_ID, Setup, assert_problem, text};

each_database! {
    async fn a_project_is_created_read_changed_and_deleted(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let member = setup.member("alpha", "mia", Role::Member).await;

        let new = json!({"name": " Cafe\u{301} ", "description": "one\ntwo", "status": "active"});
        let made = member.post("/api/projects", new).send().await.expect(201);
        let project = made.json();
        let expected = json!({
            "id": project["id"], "name": "Caf\u{e9}", "description": "one\ntwo",
            "status": "active", "created_at": project["created_at"],
            "updated_at": project["created_at"],
        });
        assert_eq!(project, expected);
        assert!(text(&project["created_at"]).ends_with('Z'), "{project}");
        let path = format!("/api/projects/{}", text(&project["id"]));
        assert_eq!(made.header("location"), Some(path.as_str()));
        assert_eq!(made.header("etag"), Some("\"1\""));

        let read = ada.get(&path).send().await.expect(200);
        assert_eq!(read.json(), project);
        assert_eq!(read.header("etag"), Some("\"1\""));

        let change = json!({"status": "archived"});
        let changed = member.patch(&path, change).send().await.expect(200);
        assert_eq!(changed.header("etag"), Some("\"2\""));
        assert_eq!(changed.json()["status"], "archived");
        assert_eq!(changed.json()["description"], "one\ntwo", "what is absent stays");
        assert_eq!(changed.json()["created_at"], project["created_at"]);
        let change = json!({"name": "Tea", "description": ""});
        let changed = member.patch(&path, change).send().await.expect(200).json();
        assert_eq!((&changed["name"], &changed["description"]), (&json!("Tea"), &json!("")));
        assert_eq!(changed["status"], "archived");
        assert_eq!(ada.get(&path).send().await.expect(200).json(), changed);

        let gone = member.delete(&path).send().await.expect(204);
        assert!(gone.body.is_empty());
        for call in [member.get(&path), member.delete(&path), member.patch(&path, json!({}))] {
            let answer = call.send().await.expect(404);
            assert_eq!(answer.problem_code(), "project_not_found");
            assert_problem(&answer);
        }
    }

    async fn only_the_name_is_required(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let longest = "\u{540d}".repeat(255);
        let body = json!({"name": longest, "description": null, "status": null});
        let made = ada.post("/api/projects", body).send().await.expect(201).json();
        assert_eq!(made["name"], longest);
        assert_eq!(made["description"], "");
        assert_eq!(made["status"], "draft");
        let text = "\u{540d}".repeat(10_000);
        let body = json!({"name": "Novel", "description": text});
        ada.post("/api/projects", body).send().await.expect(201);

        let before = setup.tables().await;
        let too_long = "x".repeat(10_001);
        for (field, bad) in [
            ("name", json!("")), ("name", json!("  ")), ("name", json!("a\nb")),
            ("name", json!("x".repeat(256))), ("name", json!(null)), ("name", json!(7)),
            ("description", json!(too_long)), ("description", json!(["x"])),
            ("status", json!("done")), ("status", json!("Draft")), ("status", json!("")),
            ("status", json!(true)),
        ] {
            let mut body = json!({"name": "Rocket"});
            body[field] = bad;
            let answer = ada.post("/api/projects", body).send().await.expect(422);
            let pointer = format!("/{field}");
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{answer}");
        }
        ada.post("/api/projects", json!({})).send().await.expect(422);
        setup.assert_unchanged(&before).await;
    }

    async fn an_empty_patch_changes_nothing(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let project = setup.project(&ada, "alpha", "Rocket").await;
        let before = setup.tables().await;
        let path = format!("/api/projects/{project}");
        let answer = ada.patch(&path, json!({})).send().await.expect(200);
        assert_eq!(answer.header("etag"), Some("\"1\""));
        setup.assert_unchanged(&before).await;
    }

    async fn clients_cannot_set_the_organization_or_generated_fields(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        let project = setup.project(&ada, "alpha", "Rocket").await;
        let path = format!("/api/projects/{project}");
        let before = setup.tables().await;
        for field in ["organization_id", "organization", "id", "version", "created_at", "name_key"] {
            for call in [
                ada.post("/api/projects", json!({"name": "Other", field: beta})),
                ada.patch(&path, json!({"name": "Other", field: beta})),
                ada.post("/api/projects/bulk", json!({"ids": [project], "status": "draft", field: beta})),
            ] {
                let answer = call.send().await.expect(400);
                assert_eq!(answer.problem_code(), "unknown_field", "{field}");
                assert_eq!(answer.json()["errors"][0]["pointer"], format!("/{field}"));
            }
        }
        setup.assert_unchanged(&before).await;
    }

    async fn viewers_cannot_write_whatever_the_id(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let own = setup.project(&ada, "alpha", "Rocket").await;
        let grace = setup.user("grace").await;
        setup.organization(&grace, "beta").await;
        let foreign = setup.project(&grace, "beta", "Secret").await;
        let victor = setup.member("alpha", "victor", Role::Viewer).await;

        victor.get("/api/projects").send().await.expect(200);
        victor.get(&format!("/api/projects/{own}")).send().await.expect(200);
        let before = setup.tables().await;
        for id in [own.as_str(), &foreign, RANDOM_ID, "x", "%00"] {
            let path = format!("/api/projects/{id}");
            for call in [
                victor.post("/api/projects", json!({"name": "Other"})),
                victor.post("/api/projects", json!({"name": 7, "x": 1})),
                victor.post("/api/projects/bulk", json!({"ids": [id], "status": "draft"})),
                victor.raw("POST", "/api/projects/bulk").body("{"),
                victor.patch(&path, json!({"name": "Other"})),
                victor.raw("PATCH", &path).body("{"),
                victor.patch(&path, json!({})).header("if-match", "nonsense"),
                victor.delete(&path),
                victor.delete(&path).header("if-match", "\"9\""),
            ] {
                let answer = call.send().await.expect(403);
                assert_eq!(answer.problem_code(), "permission_denied", "{id}");
                assert_problem(&answer);
            }
        }
        setup.assert_unchanged(&before).await;
    }
}
