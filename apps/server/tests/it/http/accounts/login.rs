//! Signing in and out, and changing the password.

use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, each_database};

use crate::http::support::{PASSWORD, Setup, assert_problem, assert_same};

const OTHER: &str = "another horse battery";

async fn log_in(client: &ApiClient, email: &str, password: &str) -> Answer {
    let login = json!({"email": email, "password": password});
    client.post("/api/auth/login", login).send().await
}

async fn change(client: &ApiClient, current: &str, new: &str) -> Answer {
    let body = json!({"current_password": current, "new_password": new});
    client.post("/api/auth/password", body).send().await
}

async fn status(client: &ApiClient) -> u16 {
    client.get("/api/auth/me").send().await.status
}

each_database! {
    async fn a_failed_login_does_not_reveal_the_reason(db: TestDatabase) {
        let setup = Setup::new(db).await;
        setup.user("ada").await;
        setup.user("grace").await;
        let sql = "UPDATE users SET is_active = false WHERE email = 'grace@example.com'";
        setup.database.execute(sql).await;

        let before = setup.tables().await;
        let anonymous = setup.anonymous();
        let wrong = log_in(&anonymous, "ada@example.com", OTHER).await.expect(401);
        assert_eq!(wrong.problem_code(), "invalid_credentials");
        assert_problem(&wrong);
        assert!(wrong.header("set-cookie").is_none(), "{wrong}");
        assert_same(&log_in(&anonymous, "unknown@example.com", PASSWORD).await, &wrong);
        assert_same(&log_in(&anonymous, "grace@example.com", PASSWORD).await, &wrong);
        assert_same(&log_in(&anonymous, "grace@example.com", OTHER).await, &wrong);
        assert_same(&log_in(&anonymous, "ada@example.com", "").await, &wrong);
        assert_same(&log_in(&anonymous, "ada@example.com", "correct horse batter").await, &wrong);
        assert_same(&log_in(&anonymous, "ada@example.com", "Correct horse battery").await, &wrong);
        setup.assert_unchanged(&before).await;
        assert_eq!(status(&anonymous).await, 401);
    }

    async fn a_login_issues_a_new_key_and_ends_the_previous_session(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let old = ada.cookies().expect("a session");
        let thief = setup.anonymous();
        thief.set_cookies(&old);
        assert_eq!(status(&thief).await, 200);

        log_in(&ada, "ada@example.com", PASSWORD).await.expect(200);
        assert_ne!(ada.cookies().expect("a session"), old);
        assert_eq!(status(&ada).await, 200);
        assert_eq!(status(&thief).await, 401);
        assert_eq!(setup.database.number("SELECT count(*) AS n FROM sessions").await, 1);

        // Session fixation: the login replaces a session that an attacker planted.
        let mallory = setup.user("mallory").await;
        let planted = mallory.cookies().expect("a session");
        let victim = setup.anonymous();
        victim.set_cookies(&planted);
        log_in(&victim, "ada@example.com", PASSWORD).await.expect(200);
        assert_ne!(victim.cookies().expect("a session"), planted);
        assert_eq!(status(&mallory).await, 401);
    }

    async fn a_failed_login_leaves_the_session_unchanged(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let before = (setup.tables().await, ada.cookies());
        log_in(&ada, "ada@example.com", OTHER).await.expect(401);
        assert_eq!(status(&ada).await, 200);
        assert_eq!(ada.cookies(), before.1);
        setup.assert_unchanged(&before.0).await;
    }

    async fn a_logout_ends_this_session_only(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let elsewhere = setup.login("ada").await;
        let copy = setup.anonymous();
        copy.set_cookies(&ada.cookies().expect("a session"));

        let answer = ada.raw("POST", "/api/auth/logout").send().await.expect(204);
        assert!(answer.body.is_empty());
        assert_eq!(ada.cookies(), None);
        let refused = copy.get("/api/auth/me").send().await.expect(401);
        assert_eq!(refused.problem_code(), "invalid_credential");
        copy.raw("POST", "/api/auth/logout").send().await.expect(401);
        assert_eq!(status(&elsewhere).await, 200);
    }

    async fn a_password_change_ends_the_other_sessions(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let elsewhere = setup.login("ada").await;
        let grace = setup.user("grace").await;
        change(&ada, PASSWORD, OTHER).await.expect(204);

        assert_eq!(status(&ada).await, 200);
        assert_eq!(status(&elsewhere).await, 401);
        assert_eq!(status(&grace).await, 200);
        let anonymous = setup.anonymous();
        log_in(&anonymous, "ada@example.com", PASSWORD).await.expect(401);
        log_in(&anonymous, "ada@example.com", OTHER).await.expect(200);
        log_in(&anonymous, "grace@example.com", PASSWORD).await.expect(200);
    }

    async fn a_password_change_needs_the_current_password_and_a_valid_new_one(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let elsewhere = setup.login("ada").await;
        let before = setup.tables().await;
        let wrong = change(&ada, OTHER, OTHER).await.expect(422);
        assert_eq!(wrong.problem_code(), "wrong_password");
        for bad in ["short", "password", "correct\0horse"] {
            let answer = change(&ada, PASSWORD, bad).await;
            assert_problem(&answer);
        }
        change(&setup.anonymous(), PASSWORD, OTHER).await.expect(401);
        setup.assert_unchanged(&before).await;
        assert_eq!(status(&elsewhere).await, 200);
    }

    async fn a_disabled_user_is_signed_out(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let grace = setup.user("grace").await;
        let sql = "UPDATE users SET is_active = false WHERE email = 'ada@example.com'";
        setup.database.execute(sql).await;

        let before = setup.tables().await;
        let known = ada.get("/api/auth/me").send().await.expect(401);
        let ended = setup.anonymous();
        ended.set_cookies("tenantry_session=x");
        assert_same(&ended.get("/api/auth/me").send().await, &known);
        for call in [
            ada.get("/api/projects"),
            ada.post("/api/projects", json!({"name": "Rocket"})),
            ada.patch("/api/auth/me", json!({"name": "Ada"})),
            ada.post("/api/organizations", json!({"name": "Beta"})),
        ] {
            call.send().await.expect(401);
        }
        setup.assert_unchanged(&before).await;
        assert_eq!(status(&grace).await, 200);
    }
}
