//! A forgotten password.

use serde_json::json;
use tenantry_testkit::each_database;

use super::setup::{MailSetup, RESET, forgot, log_in, me, reset};
use crate::http::support::{PASSWORD, assert_problem, assert_same};

const OTHER: &str = "another horse battery";

each_database! {
    async fn a_mailed_link_sets_a_new_password_once_and_ends_every_session_and_token(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        let organization = mail.setup.organization(&ada, "acme").await;
        let new = json!({"name": "CI", "organization_id": organization});
        let token = ada.post("/api/tokens", new).send().await.expect(201).json();
        let token = format!("Bearer {}", token["token"].as_str().expect("a token"));

        let secret = mail.forgot("ada", 1).await;
        let stranger = mail.setup.anonymous();
        reset(&stranger, &secret, OTHER).await.expect(204);
        assert_eq!(me(&ada).await.status, 401);
        let by_token = stranger.fork().get("/api/projects").header("authorization", token);
        assert_eq!(by_token.send().await.status, 401);
        log_in(&stranger, "ada@example.com", PASSWORD).await.expect(401);
        log_in(&stranger, "ada@example.com", OTHER).await.expect(200);

        let again = reset(&mail.setup.anonymous(), &secret, PASSWORD).await.expect(410);
        assert_eq!(again.problem_code(), "link_dead");
        assert_problem(&again);
        // The link proved that the address is the account's.
        assert_eq!(me(&stranger).await.expect(200).json()["email_verified"], true);
    }

    async fn an_unknown_or_disabled_address_gets_the_same_answer_and_no_mail(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        mail.setup.user("ada").await;
        mail.setup.user("grace").await;
        let sql = "UPDATE users SET is_active = false WHERE email = 'grace@example.com'";
        mail.setup.database.execute(sql).await;
        let client = mail.setup.anonymous();
        let known = forgot(&client, "ada@example.com").await.expect(202);
        // A mail that a newer link replaced before it was sent is not sent.
        mail.mails.wait("ada@example.com", RESET, 1).await;
        for email in ["unknown@example.com", "grace@example.com", " ADA@example.com "] {
            assert_same(&forgot(&client, email).await, &known);
        }
        mail.mails.wait("ada@example.com", RESET, 2).await;
        mail.settled().await;
        assert_eq!(mail.mails.all().len(), 2);
    }

    async fn a_newer_link_a_login_a_new_password_and_an_operator_kill_a_link(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        let stranger = mail.setup.anonymous();
        let dead = async |secret: &str| {
            let answer = reset(&stranger, secret, OTHER).await.expect(410);
            assert_eq!(answer.problem_code(), "link_dead");
        };
        let first = mail.forgot("ada", 1).await;
        let second = mail.forgot("ada", 2).await;
        dead(&first).await;
        log_in(&mail.setup.anonymous(), "ada@example.com", PASSWORD).await.expect(200);
        dead(&second).await;

        let third = mail.forgot("ada", 3).await;
        let change = json!({"current_password": PASSWORD, "new_password": OTHER});
        ada.post("/api/auth/password", change).send().await.expect(204);
        dead(&third).await;

        let fourth = mail.forgot("ada", 4).await;
        let users = &mail.setup.server.app.users;
        let email = "ada@example.com".parse().expect("an address");
        let id = users.find_by_email(&email).await.expect("found").expect("there").id;
        let password = PASSWORD.parse().expect("a password");
        let actor = tenantry_core::access::Actor::command_line();
        users.reset_password(id, password, actor).await.expect("reset");
        dead(&fourth).await;
        for secret in ["", "tntl_", "tnti_0", &"a".repeat(200), &fourth.to_uppercase()] {
            dead(secret).await;
        }
        let long = reset(&stranger, &"a".repeat(201), OTHER).await;
        long.expect(422);
    }

    async fn a_link_is_good_for_an_hour(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        mail.setup.user("ada").await;
        let secret = mail.forgot("ada", 1).await;
        let sql = "UPDATE account_links SET expires_at = counted_from";
        assert_eq!(mail.setup.database.execute(sql).await, 1);
        reset(&mail.setup.anonymous(), &secret, OTHER).await.expect(410);
    }

    async fn a_password_that_is_refused_leaves_the_link_usable(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        mail.setup.user("ada").await;
        let secret = mail.forgot("ada", 1).await;
        let client = mail.setup.anonymous();
        reset(&client, &secret, "short").await.expect(422);
        reset(&client, &secret, OTHER).await.expect(204);
    }

    async fn an_address_gets_a_limited_number_of_mails_in_an_hour(db: TestDatabase) {
        let limit = [("TENANTRY__LIMITS__MAILS_PER_HOUR", "2")];
        let mail = MailSetup::with_env(db, &limit).await;
        mail.setup.user("ada").await;
        let client = mail.setup.anonymous();
        let first = forgot(&client, "ada@example.com").await.expect(202);
        mail.mails.wait("ada@example.com", RESET, 1).await;
        for _ in 0..4 {
            assert_same(&forgot(&client, "ada@example.com").await, &first);
        }
        mail.mails.wait("ada@example.com", RESET, 2).await;
        mail.settled().await;
        assert_eq!(mail.mails.all().len(), 2);
        // The newest of them still works.
        let secret = mail.secret("ada", RESET, 2).await;
        let sql = "UPDATE account_links SET counted_from = '2020-01-01T00:00:00+00:00'";
        mail.setup.database.execute(sql).await;
        reset(&client, &secret, OTHER).await.expect(204);
        forgot(&client, "ada@example.com").await.expect(202);
        mail.mails.wait("ada@example.com", RESET, 3).await;
    }
}
