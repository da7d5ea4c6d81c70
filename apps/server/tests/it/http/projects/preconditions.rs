//! `If-Match`.

use serde_json::json;
use tenantry_testkit::{Call, each_database};

use crate::http::support::{RANDOM_ID, Setup, assert_problem};

each_database! {
    async fn a_conditional_write_needs_the_current_version(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let project = setup.project(&ada, "alpha", "Rocket").await;
        let path = format!("/api/projects/{project}");
        let read = ada.get(&path).send().await.expect(200);
        let version = read.header("etag").expect("a version").to_owned();

        let rename = |name: &str| ada.patch(&path, json!({"name": name}));
        let one = rename("One").header("if-match", &version).send().await.expect(200);
        let newer = one.header("etag").expect("a version").to_owned();
        assert_ne!(newer, version);

        let before = setup.tables().await;
        for call in [
            rename("Two").header("if-match", &version),
            ada.patch(&path, json!({})).header("if-match", &version),
            ada.delete(&path).header("if-match", &version),
        ] {
            let answer = call.send().await.expect(412);
            assert_eq!(answer.problem_code(), "precondition_failed");
            assert_problem(&answer);
        }
        setup.assert_unchanged(&before).await;
        // Without it the last writer wins.
        rename("Three").send().await.expect(200);
        ada.delete(&path).header("if-match", &newer).send().await.expect(412);
        ada.delete(&path).send().await.expect(204);
    }

    async fn of_two_concurrent_writes_to_a_version_one_succeeds(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let project = setup.project(&ada, "alpha", "Rocket").await;
        let path = format!("/api/projects/{project}");
        let write = |name: &str| {
            ada.patch(&path, json!({"name": name})).header("if-match", "\"1\"").send()
        };
        let (one, other) = tokio::join!(write("One"), write("Other"));
        let mut outcomes = [one.status, other.status];
        outcomes.sort_unstable();
        assert_eq!(outcomes, [200, 412]);
    }

    async fn every_form_of_the_header_is_parsed(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let project = setup.project(&ada, "alpha", "Rocket").await;
        let path = format!("/api/projects/{project}");
        // An empty patch still checks the condition.
        let ask = |value: &str| ada.patch(&path, json!({})).header("if-match", value).send();

        for good in ["\"1\"", "*", "\"0\", \"1\"", "\"7\",\"1\" , \"x\"", "W/\"3\", \"1\""] {
            ask(good).await.expect(200);
        }
        // Comparison is strong, and a version has one spelling.
        for other in ["\"2\"", "W/\"1\"", "\"01\"", "\"+1\"", "\"x\"", "\"\"", "\"0\", W/\"1\""] {
            let answer = ask(other).await.expect(412);
            assert_eq!(answer.problem_code(), "precondition_failed", "{other}");
        }
        let before = setup.tables().await;
        for bad in ["", "1", "\"1", "1\"", "\"1\" \"2\"", "*, \"1\"", "w/\"1\"", "'1'", "\"a b\""] {
            for call in [ada.patch(&path, json!({"name": "Other"})), ada.delete(&path)] {
                let answer = call.header("if-match", bad).send().await.expect(400);
                assert_eq!(answer.problem_code(), "invalid_if_match", "{bad}");
            }
        }
        let twice: fn(Call) -> Call = |call| call.header("if-match", "\"1\"");
        for call in [ada.patch(&path, json!({"name": "Other"})), ada.delete(&path)] {
            let answer = twice(twice(call)).send().await.expect(400);
            assert_eq!(answer.problem_code(), "invalid_if_match");
        }
        setup.assert_unchanged(&before).await;
    }

    async fn a_missing_project_is_not_found_whatever_the_condition(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let path = format!("/api/projects/{RANDOM_ID}");
        for condition in ["*", "\"1\"", "W/\"1\""] {
            ada.delete(&path).header("if-match", condition).send().await.expect(404);
            let call = ada.patch(&path, json!({"name": "Other"}));
            call.header("if-match", condition).send().await.expect(404);
        }
    }
}
