//! Creating an account.

use serde_json::{Value, json};
use tenantry_testkit::{Answer, each_database};

use crate::http::support::{PASSWORD, Setup, assert_problem, text};

async fn sign_up(setup: &Setup, account: Value) -> Answer {
    setup
        .anonymous()
        .post("/api/auth/signup", account)
        .send()
        .await
}

/// A valid account, except for one field.
fn account(field: &str, value: impl Into<Value>) -> Value {
    let mut account = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
    account[field] = value.into();
    account
}

each_database! {
    async fn a_signup_returns_the_account_and_a_session(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let client = setup.anonymous();
        let made = client.post("/api/auth/signup", account("name", "Ada")).send().await.expect(201);
        let user = made.json();
        let expected = json!({
            "id": user["id"], "email": "ada@example.com", "email_verified": false, "name": "Ada",
            "is_superuser": false,
        });
        assert_eq!(user, expected);
        let me = client.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["id"], user["id"]);
    }

    async fn an_address_is_normalized_and_has_one_account(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let made = sign_up(&setup, account("email", "  Ada@EXAMPLE.com ")).await.expect(201);
        assert_eq!(made.json()["email"], "ada@example.com");

        let before = setup.tables().await;
        for same in ["ada@example.com", "ADA@example.com", " ada@Example.Com\t"] {
            let answer = sign_up(&setup, account("email", same)).await.expect(409);
            assert_eq!(answer.problem_code(), "email_taken");
            assert!(answer.header("set-cookie").is_none(), "{answer}");
        }
        setup.assert_unchanged(&before).await;

        let login = json!({"email": "ADA@Example.com", "password": PASSWORD});
        setup.anonymous().post("/api/auth/login", login).send().await.expect(200);
    }

    async fn an_invalid_address_is_rejected(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let before = setup.tables().await;
        let long = format!("{}@{}.com", "a".repeat(64), "b.".repeat(120));
        for bad in [
            "", "ada", "ada@", "@example.com", "ada@example", "a da@example.com",
            "\u{430}da@example.com", "ada@ex\u{e4}mple.com", "ada@example.com, b@example.com", &long,
        ] {
            let answer = sign_up(&setup, account("email", bad)).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["pointer"], "/email", "{bad}");
        }
        setup.assert_unchanged(&before).await;
    }

    async fn passwords_are_validated(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let before = setup.tables().await;
        for bad in ["", "1234567", "password", "PassWord", "12345678", &"ab".repeat(65)] {
            let answer = sign_up(&setup, account("password", bad)).await.expect(422);
            assert_eq!(answer.problem_code(), "validation_failed");
            assert_eq!(answer.json()["errors"][0]["pointer"], "/password", "{bad}");
        }
        // JSON with a NUL is rejected everywhere.
        let answer = sign_up(&setup, account("password", "correct\0horse")).await.expect(400);
        assert_eq!(answer.problem_code(), "malformed_json");
        setup.assert_unchanged(&before).await;

        let longest = "\u{540d}\u{524d}".repeat(64);
        for (name, good) in [("short", "8 chars!"), ("long", longest.as_str())] {
            let email = format!("{name}@example.com");
            let account = json!({"email": email, "password": good, "name": name});
            sign_up(&setup, account).await.expect(201);
            let login = json!({"email": email, "password": good});
            setup.anonymous().post("/api/auth/login", login).send().await.expect(200);
        }
    }

    async fn a_name_is_trimmed_and_normalized(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let made = sign_up(&setup, account("name", "  Zoe\u{308} \u{540d}\n")).await.expect(201);
        assert_eq!(text(&made.json()["name"]), "Zo\u{eb} \u{540d}");
        let before = setup.tables().await;
        for bad in ["", "  ", "a\nb", "a\u{7f}b", "a\u{202e}b", &"x".repeat(256)] {
            let mut account = account("name", bad);
            account["email"] = "other@example.com".into();
            let answer = sign_up(&setup, account).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["pointer"], "/name", "{bad:?}");
        }
        setup.assert_unchanged(&before).await;
    }

    async fn all_validation_errors_are_returned_without_secrets(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let account = json!({"email": "ada", "password": "hunter2", "name": ""});
        let answer = sign_up(&setup, account).await.expect(422);
        assert_problem(&answer);
        let errors = answer.json()["errors"].clone();
        let pointers: Vec<_> = errors.as_array().into_iter().flatten()
            .map(|error| text(&error["pointer"]))
            .collect();
        assert_eq!(pointers, ["/email", "/password", "/name"]);
        assert!(!answer.stable_body().contains("hunter2"), "{answer}");
    }

    async fn users_cannot_set_privileged_fields(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let before = setup.tables().await;
        for field in ["id", "is_superuser", "is_staff", "is_active", "role", "organization_id"] {
            let answer = sign_up(&setup, account(field, true)).await.expect(400);
            assert_eq!(answer.problem_code(), "unknown_field", "{field}");
        }
        setup.assert_unchanged(&before).await;
        let ada = setup.user("ada").await;
        let before = setup.tables().await;
        for field in ["email", "is_superuser", "is_staff", "is_active", "password"] {
            let body = json!({"name": "Ada", field: true});
            let answer = ada.patch("/api/auth/me", body).send().await.expect(400);
            assert_eq!(answer.problem_code(), "unknown_field", "{field}");
        }
        setup.assert_unchanged(&before).await;
    }
}
