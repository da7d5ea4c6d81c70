//! Where a confirmed address is required.

use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, each_database};

use super::setup::{MailSetup, VERIFICATION, log_in, me, verify};
use crate::http::support::{PASSWORD, assert_same};

const REQUIRED: [(&str, &str); 1] = [("TENANTRY__AUTH__EMAIL_VERIFICATION", "required")];

async fn sign_up(client: &ApiClient, name: &str) -> Answer {
    let email = format!("{name}@example.com");
    let account = json!({"email": email, "password": PASSWORD, "name": name});
    client.post("/api/auth/signup", account).send().await
}

each_database! {
    async fn a_signup_has_a_link_mailed_and_opens_no_session(db: TestDatabase) {
        let mail = MailSetup::with_env(db, &REQUIRED).await;
        let client = mail.setup.anonymous();
        let answer = sign_up(&client, "ada").await.expect(202);
        assert_eq!(answer.json(), json!({"status": "verification_sent"}));
        assert!(answer.header("set-cookie").is_none(), "{answer}");
        let secret = mail.secret("ada", VERIFICATION, 1).await;
        verify(&client, &secret).await.expect(204);
        log_in(&client, "ada@example.com", PASSWORD).await.expect(200);
        let new = json!({"name": "Acme"});
        client.post("/api/organizations", new).send().await.expect(201);
    }

    async fn a_known_address_gets_the_same_answer_and_its_owner_a_mail(db: TestDatabase) {
        let mail = MailSetup::with_env(db, &REQUIRED).await;
        let client = mail.setup.anonymous();
        let new = sign_up(&client, "ada").await.expect(202);
        mail.secret("ada", VERIFICATION, 1).await;
        assert_same(&sign_up(&client, "ada").await, &new);
        let sent = mail.mails.wait("ada@example.com", "You have an account already", 1).await;
        assert!(sent[0].text.contains("/forgot"), "{}", sent[0].text);
        assert!(!sent[0].text.contains("#token="), "{}", sent[0].text);
        let accounts = "SELECT count(*) AS n FROM users";
        assert_eq!(mail.setup.database.number(accounts).await, 1);
        // Its password stays as it was.
        log_in(&client, "ada@example.com", PASSWORD).await.expect(200);
    }

    async fn an_account_without_a_confirmed_address_reaches_itself_only(db: TestDatabase) {
        let mail = MailSetup::with_env(db, &REQUIRED).await;
        let ada = mail.setup.anonymous();
        sign_up(&ada, "ada").await.expect(202);
        log_in(&ada, "ada@example.com", PASSWORD).await.expect(200);
        assert_eq!(me(&ada).await.expect(200).json()["email_verified"], false);
        for path in ["/api/auth/sessions", "/api/auth/activity"] {
            ada.get(path).send().await.expect(200);
        }
        ada.patch("/api/auth/me", json!({"name": "Ada"})).send().await.expect(200);
        for path in ["/api/organizations", "/api/tokens", "/api/organizations/current"] {
            let refused = ada.get(path).send().await;
            let expected = [(403, "email_not_verified"), (400, "organization_required")];
            let found = (refused.status, refused.problem_code());
            assert!(expected.iter().any(|it| found == (it.0, it.1.into())), "{path}: {refused}");
        }
        let refused = ada.post("/api/organizations", json!({"name": "Acme"})).send().await;
        assert_eq!(refused.expect(403).problem_code(), "email_not_verified");
        // Another page leads to the one where the account does something about it.
        let page = ada.get("/organizations").send().await.expect(303);
        assert_eq!(page.header("location"), Some("/account/email"));
        ada.get("/account/email").send().await.expect(200);

        let again = ada.raw("POST", "/api/auth/email/verification").send().await;
        again.expect(202);
        let secret = mail.secret("ada", VERIFICATION, 2).await;
        verify(&ada, &secret).await.expect(204);
        ada.get("/api/organizations").send().await.expect(200);
    }
}
