//! Making an account.

use serde_json::{Value, json};
use tenantry_testkit::{Answer, each_database};

use crate::http::support::{PASSWORD, Stage, assert_problem, text};

async fn sign_up(stage: &Stage, account: Value) -> Answer {
    stage
        .nobody()
        .post("/api/auth/signup", account)
        .send()
        .await
}

/// An account that is fine, but for one field.
fn account(field: &str, value: impl Into<Value>) -> Value {
    let mut account = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
    account[field] = value.into();
    account
}

each_database! {
    async fn a_signup_answers_with_the_account_and_a_session(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let client = stage.nobody();
        let made = client.post("/api/auth/signup", account("name", "Ada")).send().await.expect(201);
        let user = made.json();
        let expected = json!({
            "id": user["id"], "email": "ada@example.com", "name": "Ada", "is_superuser": false,
        });
        assert_eq!(user, expected);
        let me = client.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["id"], user["id"]);
    }

    async fn an_address_has_one_form_and_one_account(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let made = sign_up(&stage, account("email", "  Ada@EXAMPLE.com ")).await.expect(201);
        assert_eq!(made.json()["email"], "ada@example.com");

        let before = stage.tables().await;
        for same in ["ada@example.com", "ADA@example.com", " ada@Example.Com\t"] {
            let answer = sign_up(&stage, account("email", same)).await.expect(409);
            assert_eq!(answer.problem_code(), "email_taken");
            assert!(answer.header("set-cookie").is_none(), "{answer}");
        }
        stage.assert_unchanged(&before).await;

        let login = json!({"email": "ADA@Example.com", "password": PASSWORD});
        stage.nobody().post("/api/auth/login", login).send().await.expect(200);
    }

    async fn an_address_that_is_none_is_refused(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let before = stage.tables().await;
        let long = format!("{}@{}.com", "a".repeat(64), "b.".repeat(120));
        for bad in [
            "", "ada", "ada@", "@example.com", "ada@example", "a da@example.com",
            "\u{430}da@example.com", "ada@ex\u{e4}mple.com", "ada@example.com, b@example.com", &long,
        ] {
            let answer = sign_up(&stage, account("email", bad)).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["pointer"], "/email", "{bad}");
        }
        stage.assert_unchanged(&before).await;
    }

    async fn a_password_keeps_the_rules(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let before = stage.tables().await;
        for bad in ["", "1234567", "password", "PassWord", "12345678", &"ab".repeat(65)] {
            let answer = sign_up(&stage, account("password", bad)).await.expect(422);
            assert_eq!(answer.problem_code(), "validation_failed");
            assert_eq!(answer.json()["errors"][0]["pointer"], "/password", "{bad}");
        }
        // A NUL is no character of any JSON that we read.
        let answer = sign_up(&stage, account("password", "correct\0horse")).await.expect(400);
        assert_eq!(answer.problem_code(), "malformed_json");
        stage.assert_unchanged(&before).await;

        let longest = "\u{540d}\u{524d}".repeat(64);
        for (name, good) in [("short", "8 chars!"), ("long", longest.as_str())] {
            let email = format!("{name}@example.com");
            let account = json!({"email": email, "password": good, "name": name});
            sign_up(&stage, account).await.expect(201);
            let login = json!({"email": email, "password": good});
            stage.nobody().post("/api/auth/login", login).send().await.expect(200);
        }
    }

    async fn a_name_is_trimmed_and_composed(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let made = sign_up(&stage, account("name", "  Zoe\u{308} \u{540d}\n")).await.expect(201);
        assert_eq!(text(&made.json()["name"]), "Zo\u{eb} \u{540d}");
        let before = stage.tables().await;
        for bad in ["", "  ", "a\nb", "a\u{7f}b", "a\u{202e}b", &"x".repeat(256)] {
            let mut account = account("name", bad);
            account["email"] = "other@example.com".into();
            let answer = sign_up(&stage, account).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["pointer"], "/name", "{bad:?}");
        }
        stage.assert_unchanged(&before).await;
    }

    async fn every_mistake_is_told_at_once_and_no_secret_with_it(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let account = json!({"email": "ada", "password": "hunter2", "name": ""});
        let answer = sign_up(&stage, account).await.expect(422);
        assert_problem(&answer);
        let errors = answer.json()["errors"].clone();
        let pointers: Vec<_> = errors.as_array().into_iter().flatten()
            .map(|error| text(&error["pointer"]))
            .collect();
        assert_eq!(pointers, ["/email", "/password", "/name"]);
        assert!(!answer.stable_body().contains("hunter2"), "{answer}");
    }

    async fn nobody_makes_himself_more_than_he_is(db: TestDatabase) {
        let stage = Stage::new(db).await;
        let before = stage.tables().await;
        for field in ["id", "is_superuser", "is_staff", "is_active", "role", "organization_id"] {
            let answer = sign_up(&stage, account(field, true)).await.expect(400);
            assert_eq!(answer.problem_code(), "unknown_field", "{field}");
        }
        stage.assert_unchanged(&before).await;
        let ada = stage.person("ada").await;
        let before = stage.tables().await;
        for field in ["email", "is_superuser", "is_staff", "is_active", "password"] {
            let body = json!({"name": "Ada", field: true});
            let answer = ada.patch("/api/auth/me", body).send().await.expect(400);
            assert_eq!(answer.problem_code(), "unknown_field", "{field}");
        }
        stage.assert_unchanged(&before).await;
    }
}
