//! The confirmation and the change of an address.

use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, each_database};

use super::setup::{MailSetup, NEW_ADDRESS, VERIFICATION, forgot, log_in, me, reset, verify};
use crate::http::support::{PASSWORD, assert_same};

async fn request(client: &ApiClient) -> Answer {
    client
        .raw("POST", "/api/auth/email/verification")
        .send()
        .await
}

async fn change(client: &ApiClient, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "current_password": password});
    client.post("/api/auth/email", body).send().await
}

async fn is_verified(client: &ApiClient) -> bool {
    me(client).await.expect(200).json()["email_verified"] == true
}

each_database! {
    async fn a_mailed_link_confirms_the_address_once(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        assert!(!is_verified(&ada).await);
        request(&ada).await.expect(202);
        let secret = mail.secret("ada", VERIFICATION, 1).await;
        let stranger = mail.setup.anonymous();
        verify(&stranger, &secret).await.expect(204);
        assert!(is_verified(&ada).await);
        assert_eq!(verify(&stranger, &secret).await.expect(410).problem_code(), "link_dead");
        // A confirmed address needs no other mail.
        request(&ada).await.expect(202);
        mail.settled().await;
        assert_eq!(mail.mails.all().len(), 1);
    }

    async fn a_newer_link_kills_the_older_one(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        let mut secrets = Vec::new();
        for count in 1..=2 {
            request(&ada).await.expect(202);
            secrets.push(mail.secret("ada", VERIFICATION, count).await);
        }
        let stranger = mail.setup.anonymous();
        verify(&stranger, &secrets[0]).await.expect(410);
        assert!(!is_verified(&ada).await);
        verify(&stranger, &secrets[1]).await.expect(204);
    }

    async fn too_many_mails_in_an_hour_are_refused_to_a_session(db: TestDatabase) {
        let mail = MailSetup::with_env(db, &[("TENANTRY__LIMITS__MAILS_PER_HOUR", "1")]).await;
        let ada = mail.setup.user("ada").await;
        request(&ada).await.expect(202);
        let refused = request(&ada).await.expect(429);
        assert_eq!(refused.problem_code(), "too_many_mails");
        assert!(refused.header("retry-after").is_some(), "{refused}");
        change(&ada, "lovelace@example.com", PASSWORD).await.expect(202);
        let refused = change(&ada, "other@example.com", PASSWORD).await.expect(429);
        assert_eq!(refused.problem_code(), "too_many_mails");
    }

    async fn an_address_changes_when_the_link_in_the_mail_to_it_is_followed(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        let other = mail.setup.login("ada").await;
        change(&ada, "lovelace@example.com", "wrong horse battery").await.expect(422);
        change(&ada, "lovelace@example.com", PASSWORD).await.expect(202);
        let secret = mail.secret("lovelace", NEW_ADDRESS, 1).await;
        assert_eq!(me(&ada).await.expect(200).json()["email"], "ada@example.com");
        let subject = "A new e-mail address was asked for";
        mail.mails.wait("ada@example.com", subject, 1).await;

        // A link that resets the password of the old address dies with the change.
        let old = mail.forgot("ada", 1).await;
        let stranger = mail.setup.anonymous();
        verify(&stranger, &secret).await.expect(204);
        let profile = me(&ada).await.expect(200).json();
        assert_eq!(profile["email"], "lovelace@example.com");
        assert_eq!(profile["email_verified"], true);
        assert_eq!(me(&other).await.status, 401);
        log_in(&stranger, "ada@example.com", PASSWORD).await.expect(401);
        log_in(&stranger, "lovelace@example.com", PASSWORD).await.expect(200);
        reset(&mail.setup.anonymous(), &old, PASSWORD).await.expect(410);
        verify(&stranger, &secret).await.expect(410);
        // The notice goes to the address that the account had.
        let subject = "Your e-mail address was changed";
        mail.mails.wait("ada@example.com", subject, 1).await;
        mail.settled().await;
        assert!(mail.mails.to("lovelace@example.com", subject).is_empty());
    }

    async fn an_address_that_another_account_got_first_is_taken(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        let known = change(&ada, "lovelace@example.com", PASSWORD).await.expect(202);
        let secret = mail.secret("lovelace", NEW_ADDRESS, 1).await;
        mail.setup.user("lovelace").await;
        let stranger = mail.setup.anonymous();
        let taken = verify(&stranger, &secret).await.expect(409);
        assert_eq!(taken.problem_code(), "email_taken");
        assert_eq!(me(&ada).await.expect(200).json()["email"], "ada@example.com");
        // What is asked for says nothing about who has the address.
        assert_same(&change(&ada, "lovelace@example.com", PASSWORD).await, &known);
    }

    async fn a_new_password_stops_a_change_of_address(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        change(&ada, "thief@example.com", PASSWORD).await.expect(202);
        let secret = mail.secret("thief", NEW_ADDRESS, 1).await;
        let recovery = mail.forgot("ada", 1).await;
        let stranger = mail.setup.anonymous();
        reset(&stranger, &recovery, "another horse battery").await.expect(204);
        verify(&stranger, &secret).await.expect(410);
    }

    async fn a_link_is_good_for_its_purpose_only(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        request(&ada).await.expect(202);
        let confirms = mail.secret("ada", VERIFICATION, 1).await;
        forgot(&mail.setup.anonymous(), "ada@example.com").await.expect(202);
        let resets = mail.secret("ada", super::setup::RESET, 1).await;
        let stranger = mail.setup.anonymous();
        reset(&stranger, &confirms, PASSWORD).await.expect(410);
        verify(&stranger, &resets).await.expect(410);
        verify(&stranger, &confirms).await.expect(204);
        reset(&stranger, &resets, PASSWORD).await.expect(204);
    }
}
