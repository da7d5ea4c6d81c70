//! Bulk updates: all or nothing.

use serde_json::{Value, json};
use tenantry_testkit::{Answer, ApiClient, each_database};

use crate::http::support::{RANDOM_ID, Setup, assert_same, items, text};

async fn bulk(client: &ApiClient, ids: &[&str], status: &str) -> Answer {
    let body = json!({"ids": ids, "status": status});
    client.post("/api/projects/bulk", body).send().await
}

async fn status(client: &ApiClient, id: &str) -> String {
    let read = client.get(&format!("/api/projects/{id}")).send().await;
    text(&read.expect(200).json()["status"])
}

each_database! {
    async fn only_the_named_projects_change(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        setup.organization(&ada, "beta").await;
        let one = setup.project(&ada, "alpha", "One").await;
        let two = setup.project(&ada, "alpha", "Two").await;
        let three = setup.project(&ada, "alpha", "Three").await;
        let foreign = setup.project(&ada, "beta", "Foreign").await;

        // A repeated id is one project.
        let changed = bulk(&ada, &[&one, &two, &one], "active").await.expect(200);
        let mut ids = items(&changed, "id");
        ids.sort();
        assert_eq!(ids, [one.as_str(), &two]);
        assert_eq!(items(&changed, "status"), ["active", "active"]);
        assert_eq!(status(&ada, &one).await, "active");
        assert_eq!(status(&ada, &two).await, "active");
        assert_eq!(status(&ada, &three).await, "draft");
        let other = ada.get(&format!("/api/projects/{foreign}")).organization("beta").send().await;
        assert_eq!(other.expect(200).json()["status"], "draft");
        // Each has a new version.
        let read = ada.get(&format!("/api/projects/{one}")).send().await.expect(200);
        assert_eq!(read.header("etag"), Some("\"2\""));
    }

    async fn one_unknown_id_fails_the_whole_request(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        setup.organization(&ada, "beta").await;
        let one = setup.project(&ada, "alpha", "One").await;
        let two = setup.project(&ada, "alpha", "Two").await;
        let of_beta = setup.project(&ada, "beta", "Other").await;
        let grace = setup.user("grace").await;
        setup.organization(&grace, "gamma").await;
        let foreign = setup.project(&grace, "gamma", "Secret").await;

        let before = setup.tables().await;
        let random = bulk(&ada, &[&one, RANDOM_ID, &two], "archived").await.expect(404);
        assert_eq!(random.problem_code(), "project_not_found");
        for id in [&foreign, &of_beta] {
            assert_same(&bulk(&ada, &[&one, id, &two], "archived").await, &random);
            assert_same(&bulk(&ada, &[id], "archived").await, &random);
        }
        setup.assert_unchanged(&before).await;
        bulk(&ada, &[&one, &two], "archived").await.expect(200);
    }

    async fn a_list_of_ids_is_validated(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let one = setup.project(&ada, "alpha", "One").await;
        let before = setup.tables().await;
        let many = vec![one.as_str(); 101];
        for (ids, pointer) in [
            (json!([]), "/ids"), (json!(many), "/ids"), (json!(one), "/ids"), (json!({}), "/ids"),
            (json!(null), "/ids"), (json!([one, "x"]), "/ids/1"), (json!([null]), "/ids/0"),
            (json!([one.to_uppercase()]), "/ids/0"), (json!([one, one, [one]]), "/ids/2"),
        ] {
            let body = json!({"ids": ids, "status": "active"});
            let answer = ada.post("/api/projects/bulk", body).send().await.expect(422);
            assert_eq!(answer.json()["errors"][0]["pointer"], pointer, "{answer}");
        }
        for status in [json!("done"), Value::Null, json!(1)] {
            let body = json!({"ids": [one], "status": status});
            let answer = ada.post("/api/projects/bulk", body).send().await.expect(422);
            assert_eq!(answer.json()["errors"][0]["pointer"], "/status");
        }
        setup.assert_unchanged(&before).await;
        bulk(&ada, &many[..100], "active").await.expect(200);
    }
}
