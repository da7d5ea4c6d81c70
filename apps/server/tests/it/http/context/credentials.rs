//! Authentication: one credential, or none.

use serde_json::json;
use tenantry_testkit::each_database;

use crate::http::support::{PASSWORD, RANDOM_ID, Setup, api_routes, assert_problem, filled};

each_database! {
    async fn two_credentials_are_rejected_on_every_route(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let before = setup.tables().await;
        for route in api_routes() {
            let path = filled(&route, &alpha, RANDOM_ID);
            let call = || ada.raw(route.method.as_str(), &path);
            for token in ["Bearer token", "Basic YWRhOng=", ""] {
                let answer = call().header("authorization", token).send().await.expect(400);
                assert_eq!(answer.problem_code(), "conflicting_credentials", "{path}");
                assert_problem(&answer);
            }
        }
        setup.assert_unchanged(&before).await;
    }

    async fn a_repeated_authorization_is_rejected(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let call = setup.anonymous().get("/api/auth/me").header("authorization", "Bearer a");
        let answer = call.header("authorization", "Bearer b").send().await.expect(400);
        assert_eq!(answer.problem_code(), "repeated_header");
    }

    async fn without_a_credential_only_public_routes_are_open(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let before = setup.tables().await;
        let anonymous = setup.anonymous();
        let mut open = Vec::new();
        for route in api_routes() {
            let path = filled(&route, &alpha, RANDOM_ID);
            let call = || anonymous.raw(route.method.as_str(), &path).organization("alpha");
            if route.access.is_anyone() {
                // Authorized, and then missing a body where one is required.
                let takes_body = route.sample.body.is_some();
                let status = if takes_body { 415 } else { 200 };
                call().send().await.expect(status);
                open.push(route.path);
                continue;
            }
            for (answer, code) in [
                (call().send().await, "not_authenticated"),
                (call().header("authorization", "Bearer x").send().await, "invalid_credential"),
                (call().header("cookie", "tenantry_session=x").send().await, "invalid_credential"),
            ] {
                assert_problem(&answer);
                if route.access.is_for_operators() {
                    // Operator routes are hidden.
                    assert_eq!(answer.expect(404).problem_code(), "not_found", "{path}");
                    continue;
                }
                let answer = answer.expect(401);
                assert_eq!(answer.problem_code(), code, "{path}");
                assert!(answer.header("www-authenticate").is_some(), "{answer}");
            }
        }
        let mut known = vec![
            "/api/auth/email/verify", "/api/auth/login", "/api/auth/login/mfa", "/api/auth/password/forgot",
            "/api/auth/password/reset", "/api/auth/signup", "/api/invitations/preview", "/api/openapi.json",
        ];
        if cfg!(feature = "passkeys") {
            known.extend(["/api/auth/login/passkey/begin", "/api/auth/login/passkey/finish"]);
            known.sort_unstable();
        }
        assert_eq!(open, known);
        setup.assert_unchanged(&before).await;
    }

    async fn a_login_ignores_an_invalid_session(db: TestDatabase) {
        let setup = Setup::new(db).await;
        setup.user("ada").await;
        let login = json!({"email": "ada@example.com", "password": PASSWORD});
        let anonymous = setup.anonymous();
        anonymous.set_cookies("tenantry_session=left-from-last-year");
        anonymous.post("/api/auth/login", &login).send().await.expect(200);
        anonymous.get("/api/auth/me").send().await.expect(200);
    }
}
