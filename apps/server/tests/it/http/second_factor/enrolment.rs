//! Setting up, removing and renewing.

use serde_json::{Value, json};
use tenantry_testkit::each_database;

use super::person::{
    Person, begin, confirm, let_checks_age, log_in, recovery_codes, remove, renew, show, status,
};
use crate::http::support::{PASSWORD, Setup, text};

const WRONG: &str = "wrong horse battery";

each_database! {
    async fn an_app_counts_once_a_code_of_it_confirmed_it(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let nothing = json!({"factors": [], "passkeys": [], "recovery_codes_left": 0, "verified_until": null});
        assert_eq!(show(&ada).await, nothing);
        let app = begin(&ada).await;
        // It is pending: logins need the password alone.
        assert_eq!(show(&ada).await, nothing);
        let login = log_in(&setup.anonymous(), "ada@example.com", PASSWORD).await.expect(200);
        assert!(login.json()["id"].is_string(), "{login}");
        let refused = confirm(&ada, "000000").await.expect(422);
        assert_eq!(refused.problem_code(), "wrong_code");
        let codes = recovery_codes(&confirm(&ada, &app.code()).await.expect(200).json());
        assert_eq!(codes.len(), 10);
        let shown = show(&ada).await;
        assert_eq!(shown["factors"][0]["method"], "totp");
        assert_eq!(shown["recovery_codes_left"], 10);
        assert!(shown["verified_until"].is_string(), "{shown}");
        let login = log_in(&setup.anonymous(), "ada@example.com", PASSWORD).await.expect(200);
        assert_eq!(login.json()["status"], "mfa_required");
        // It is confirmed once.
        assert_eq!(confirm(&ada, &app.code()).await.expect(409).problem_code(), "no_enrolment");
    }

    async fn an_enrolment_needs_the_password_and_replaces_a_pending_one_only(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let body = json!({"current_password": WRONG});
        let refused = ada.post("/api/auth/mfa/totp", body).send().await.expect(422);
        assert_eq!(refused.problem_code(), "wrong_password");
        let (first, second) = (begin(&ada).await, begin(&ada).await);
        confirm(&ada, &first.code()).await.expect(422);
        confirm(&ada, &second.code()).await.expect(200);
        let body = json!({"current_password": PASSWORD});
        let refused = ada.post("/api/auth/mfa/totp", body).send().await.expect(409);
        assert_eq!(refused.problem_code(), "second_factor_exists");
    }

    async fn the_url_of_an_enrolment_names_the_product_and_the_address(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let body = json!({"current_password": PASSWORD});
        let begun = ada.post("/api/auth/mfa/totp", body).send().await.expect(200).json();
        let url = format!(
            "otpauth://totp/Tenantry:ada%40example%2Ecom?secret={}&issuer=Tenantry&algorithm=SHA1&digits=6&period=30",
            text(&begun["secret"]),
        );
        assert_eq!(begun["otpauth_url"], Value::from(url));
    }

    async fn a_removal_needs_the_password_and_a_code(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = &ada.client;
        let code = ada.code(&setup).await;
        assert_eq!(remove(client, WRONG, &code).await.expect(422).problem_code(), "wrong_password");
        assert_eq!(remove(client, PASSWORD, "000000").await.expect(422).problem_code(), "wrong_code");
        assert_eq!(show(client).await["factors"][0]["method"], "totp");
        // A code is used up by the attempt that it proves only.
        remove(client, PASSWORD, &code).await.expect(204);
        let shown = show(client).await;
        assert_eq!((&shown["factors"], &shown["recovery_codes_left"]), (&json!([]), &json!(0)));
        let login = log_in(&setup.anonymous(), "ada@example.com", PASSWORD).await.expect(200);
        assert_eq!(login.json()["email"], "ada@example.com");
        assert_eq!(remove(client, PASSWORD, &code).await.expect(404).problem_code(), "second_factor_not_found");
        assert_eq!(status(client).await, 200);
    }

    async fn a_recovery_code_removes_an_app_too(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        remove(&ada.client, PASSWORD, &ada.recovery[3]).await.expect(204);
        assert_eq!(show(&ada.client).await["factors"], json!([]));
    }

    async fn renewed_recovery_codes_replace_the_earlier_ones(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let bob = setup.user("bob").await;
        assert_eq!(renew(&bob, PASSWORD).await.expect(404).problem_code(), "second_factor_not_found");
        let ada = Person::new(&setup, "ada").await;
        renew(&ada.client, WRONG).await.expect(422);
        let renewed = recovery_codes(&renew(&ada.client, PASSWORD).await.expect(200).json());
        assert_eq!(renewed.len(), 10);
        let (old, new) = (&ada.recovery[0], &renewed[0]);
        assert_eq!(remove(&ada.client, PASSWORD, old).await.expect(422).problem_code(), "wrong_code");
        remove(&ada.client, PASSWORD, new).await.expect(204);
    }

    async fn a_stolen_session_can_neither_add_nor_remove_a_factor(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let_checks_age(&setup).await;
        let client = &ada.client;
        // With the session and the password, but without the factor.
        let renewed = renew(client, PASSWORD).await.expect(403);
        assert_eq!(renewed.problem_code(), "second_factor_required");
        let body = json!({"current_password": PASSWORD});
        let begun = client.post("/api/auth/mfa/totp", body).send().await.expect(403);
        assert_eq!(begun.problem_code(), "second_factor_required");
        remove(client, PASSWORD, "000000").await.expect(422);
        remove(client, PASSWORD, "aaaa-bbbb-cccc-dddd-eeee-ffff").await.expect(422);
        assert_eq!(show(client).await["factors"][0]["method"], "totp");
        // With the session alone.
        remove(client, WRONG, &ada.code(&setup).await).await.expect(422);
        assert_eq!(show(client).await["recovery_codes_left"], 10);
    }
}
