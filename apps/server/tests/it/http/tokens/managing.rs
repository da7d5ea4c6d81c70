//! Creating, listing and revoking tokens.

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use super::{token, with};
use crate::http::support::{RANDOM_ID, Setup, assert_problem, assert_same, items, text};

each_database! {
    async fn a_token_is_shown_once_and_then_by_its_last_characters(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let new = json!({
            "name": "  CI  ", "organization_id": alpha, "expires_at": "2999-12-31T12:00:00+01:00",
        });
        let made = ada.post("/api/tokens", new).send().await.expect(201).json();
        let secret = text(&made["token"]);
        assert_eq!(secret.len(), 76);
        assert!(secret.starts_with("tnt_") && secret.ends_with(&text(&made["last_four"])));

        let list = ada.get("/api/tokens").send().await.expect(200);
        let mut expected = made.clone();
        expected.as_object_mut().expect("an object").remove("token");
        assert_eq!(list.json(), json!({"items": [expected], "next_cursor": null}));
        for (field, value) in [
            ("name", json!("CI")),
            ("organization_id", json!(alpha)),
            ("prefix", json!("tnt_")),
            ("expires_at", json!("2999-12-31T11:00:00Z")),
            ("last_used_at", Value::Null),
        ] {
            assert_eq!(expected[field], value, "{field}");
        }
        assert!(!list.stable_body().contains(&secret[4..68]), "{list}");
    }

    async fn the_list_has_the_callers_tokens_of_all_organizations(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        let bob = setup.member("alpha", "bob", Role::Owner).await;
        for (client, organization, name) in [(&ada, &alpha, "1"), (&bob, &alpha, "bobs"), (&ada, &beta, "2"), (&ada, &alpha, "3")] {
            token(client, organization, name).await;
        }
        let mut seen = Vec::new();
        let mut path = "/api/tokens?limit=1".to_owned();
        loop {
            let page = ada.get(&path).send().await.expect(200);
            seen.extend(items(&page, "name"));
            let body = page.json();
            let Some(cursor) = body["next_cursor"].as_str() else { break };
            bob.get(&format!("/api/tokens?limit=1&cursor={cursor}")).send().await.expect(400);
            path = format!("/api/tokens?limit=1&cursor={cursor}");
        }
        assert_eq!(seen, ["3", "2", "1"]);
    }

    async fn a_foreign_and_an_unknown_organization_get_the_same_response(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let bob = setup.user("bob").await;
        setup.organization(&ada, "alpha").await;
        let foreign = setup.organization(&bob, "foreign").await;
        let before = setup.tables().await;
        let ask = async |organization: &str| {
            let new = json!({"name": "CI", "organization_id": organization});
            ada.post("/api/tokens", new).send().await.expect(404)
        };
        let unknown = ask(RANDOM_ID).await;
        assert_eq!(unknown.problem_code(), "organization_not_found");
        assert_same(&unknown, &ask(&foreign).await);
        setup.assert_unchanged(&before).await;
    }

    async fn a_foreign_and_an_unknown_token_get_the_same_response(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let bob = setup.member("alpha", "bob", Role::Owner).await;
        let made = token(&ada, &alpha, "CI").await;
        let before = setup.tables().await;
        let unknown = bob.delete(&format!("/api/tokens/{RANDOM_ID}")).send().await.expect(404);
        assert_eq!(unknown.problem_code(), "token_not_found");
        for id in [text(&made["id"]), "x".to_owned(), text(&made["id"]).to_uppercase()] {
            let answer = bob.delete(&format!("/api/tokens/{id}")).send().await;
            assert_same(&unknown, &answer);
        }
        setup.assert_unchanged(&before).await;

        let path = format!("/api/tokens/{}", text(&made["id"]));
        ada.delete(&path).send().await.expect(204);
        assert_same(&unknown, &ada.delete(&path).send().await);
        with(&made, setup.anonymous().get("/api/projects")).send().await.expect(401);
    }

    async fn invalid_fields_are_reported_by_pointer(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let before = setup.tables().await;
        for (field, value) in [
            ("name", json!("")),
            ("name", json!("x".repeat(256))),
            ("organization_id", json!("alpha")),
            ("organization_id", Value::Null),
            ("expires_at", json!("2020-01-01T00:00:00Z")),
            ("expires_at", json!("tomorrow")),
            ("expires_at", json!(4_102_444_800_u64)),
        ] {
            let mut new = json!({"name": "CI", "organization_id": alpha});
            new[field] = value;
            let answer = ada.post("/api/tokens", &new).send().await.expect(422);
            assert_problem(&answer);
            assert_eq!(answer.problem_code(), "validation_failed");
            assert_eq!(answer.json()["errors"][0]["pointer"], format!("/{field}"), "{new}");
        }
        setup.assert_unchanged(&before).await;
    }
}
