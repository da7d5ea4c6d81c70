//! A user's own sessions.

use serde_json::Value;
use tenantry_testkit::{ApiClient, each_database};

use crate::http::support::{RANDOM_ID, Setup, assert_same, items, text};

async fn sessions(client: &ApiClient) -> Vec<Value> {
    let answer = client.get("/api/auth/sessions").send().await.expect(200);
    answer.json()["items"].as_array().expect("a list").clone()
}

async fn current(client: &ApiClient) -> String {
    let sessions = sessions(client).await;
    let mut current = sessions.iter().filter(|session| session["current"] == true);
    let found = current.next().expect("a current session");
    assert_eq!(current.next(), None);
    text(&found["id"])
}

each_database! {
    async fn users_see_their_own_sessions_and_the_current_one(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let grace = setup.user("grace").await;
        let elsewhere = setup.login("ada").await;

        assert_eq!(sessions(&ada).await.len(), 2);
        assert_eq!(sessions(&grace).await.len(), 1);
        assert_ne!(current(&ada).await, current(&elsewhere).await);
        // The newest first.
        assert_eq!(sessions(&ada).await[0]["id"], current(&elsewhere).await);
        let one = sessions(&grace).await.remove(0);
        let mut fields: Vec<_> = one.as_object().expect("an object").keys().collect();
        fields.sort();
        let expected =
            ["created_at", "current", "expires_at", "id", "last_seen_at", "user_agent"];
        assert_eq!(fields, expected);
        assert!(text(&one["created_at"]).ends_with('Z'), "{one}");
    }

    async fn sessions_are_paginated_per_user(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.login("ada").await;
        setup.login("ada").await;
        let grace = setup.user("grace").await;

        let mut seen = Vec::new();
        let mut path = "/api/auth/sessions?limit=2".to_owned();
        loop {
            let page = ada.get(&path).send().await.expect(200);
            seen.extend(items(&page, "id"));
            let Some(cursor) = page.json()["next_cursor"].as_str().map(ToOwned::to_owned) else {
                break;
            };
            path = format!("/api/auth/sessions?limit=2&cursor={cursor}");
            let foreign = grace.get(&path).send().await.expect(400);
            assert_eq!(foreign.problem_code(), "invalid_cursor");
        }
        let all: Vec<_> = sessions(&ada).await.iter().map(|one| text(&one["id"])).collect();
        assert_eq!(all.len(), 3);
        assert_eq!(seen, all);
    }

    async fn a_session_can_be_ended_from_another(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let elsewhere = setup.login("ada").await;
        let path = format!("/api/auth/sessions/{}", current(&elsewhere).await);
        ada.delete(&path).send().await.expect(204);
        elsewhere.get("/api/auth/me").send().await.expect(401);
        ada.delete(&path).send().await.expect(404);

        let path = format!("/api/auth/sessions/{}", current(&ada).await);
        ada.delete(&path).send().await.expect(204);
        assert_eq!(ada.cookies(), None);
        ada.get("/api/auth/me").send().await.expect(401);
    }

    async fn a_foreign_session_is_not_found(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let grace = setup.user("grace").await;
        let before = setup.tables().await;
        let end = |id: &str| ada.delete(&format!("/api/auth/sessions/{id}")).send();
        let unknown = end(RANDOM_ID).await.expect(404);
        assert_eq!(unknown.problem_code(), "session_not_found");
        assert_same(&end(&current(&grace).await).await, &unknown);
        assert_same(&end("x").await, &unknown);
        assert_same(&end(&current(&ada).await.to_uppercase()).await, &unknown);
        setup.assert_unchanged(&before).await;
    }
}
