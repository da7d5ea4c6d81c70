//! No access to projects of other organizations.

use serde_json::json;
use tenantry_testkit::{ApiClient, Call, each_database};

use crate::http::support::{RANDOM_ID, Setup, assert_problem, assert_same, items};

/// A request that uses a project's id.
type Use = fn(&ApiClient, &str) -> Call;

const USES: [Use; 6] = [
    |client, id| client.get(&format!("/api/projects/{id}")),
    |client, id| client.raw("HEAD", &format!("/api/projects/{id}")),
    |client, id| client.patch(&format!("/api/projects/{id}"), json!({"name": "Mine"})),
    |client, id| client.patch(&format!("/api/projects/{id}"), json!({})),
    |client, id| client.delete(&format!("/api/projects/{id}")),
    |client, id| {
        let body = json!({"ids": [id], "status": "archived"});
        client.post("/api/projects/bulk", body)
    },
];

each_database! {
    async fn a_foreign_id_and_a_random_id_get_the_same_response(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        setup.project(&ada, "alpha", "Own").await;
        let grace = setup.user("grace").await;
        setup.organization(&grace, "beta").await;
        let foreign = setup.project(&grace, "beta", "Secret").await;

        let before = setup.tables().await;
        for wanted in USES {
            for if_match in [None, Some("*"), Some("\"1\""), Some("\"2\""), Some("W/\"1\"")] {
                let ask = |id| {
                    let call = wanted(&ada, id);
                    match if_match {
                        None => call.send(),
                        Some(value) => call.header("if-match", value).send(),
                    }
                };
                let random = ask(RANDOM_ID).await.expect(404);
                assert_problem(&random);
                assert_same(&ask(&foreign).await, &random);
            }
        }
        for spelling in ["x", "%00", "%2e%2e%2fbulk", "%ff", &foreign.to_uppercase()] {
            let random = ada.get(&format!("/api/projects/{RANDOM_ID}")).send().await.expect(404);
            let answer = ada.get(&format!("/api/projects/{spelling}")).send().await;
            assert_same(&answer, &random);
        }
        setup.assert_unchanged(&before).await;
    }

    async fn a_project_of_the_callers_other_organization_is_foreign(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        setup.organization(&ada, "beta").await;
        let of_beta = setup.project(&ada, "beta", "Rocket").await;
        let before = setup.tables().await;
        for wanted in USES {
            let random = wanted(&ada, RANDOM_ID).organization("alpha").send().await.expect(404);
            assert_same(&wanted(&ada, &of_beta).organization("alpha").send().await, &random);
        }
        setup.assert_unchanged(&before).await;
        for wanted in &USES[..2] {
            wanted(&ada, &of_beta).organization("beta").send().await.expect(200);
        }
    }

    async fn lists_hold_the_projects_of_one_organization(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        setup.organization(&ada, "beta").await;
        for slug in ["alpha", "beta"] {
            for number in 0..3 {
                setup.project(&ada, slug, &format!("{slug} {number}")).await;
            }
        }
        for query in [
            "", "?sort=name", "?status=draft", "?q=a", "?limit=100", "?q=a&sort=name&status=draft",
        ] {
            for slug in ["alpha", "beta"] {
                let path = format!("/api/projects{query}");
                let list = ada.get(&path).organization(slug).send().await.expect(200);
                let names = items(&list, "name");
                assert_eq!(names.len(), 3, "{query}");
                assert!(names.iter().all(|name| name.starts_with(slug)), "{query}: {names:?}");
            }
        }
        // A search for another organization's projects finds nothing.
        let list = ada.get("/api/projects?q=beta").organization("alpha").send().await.expect(200);
        assert!(items(&list, "name").is_empty());
    }
}
