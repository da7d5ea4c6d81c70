//! Logging in with a passkey.

use serde_json::json;
use tenantry_testkit::each_database;

use super::{
    authenticator::{Authenticator, encoded},
    person::{Person, activity, authenticator, begin_login, finish_login, log_in, show, status},
};
use crate::http::support::{Setup, assert_same};

each_database! {
    async fn a_passkey_alone_logs_in_and_is_a_recent_check(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        let options = begin_login(&client).await;
        assert_eq!(options["rpId"], "localhost");
        assert_eq!(options["allowCredentials"], json!([]));
        assert_eq!(options["userVerification"], "required");
        let profile = finish_login(&client, ada.authenticator.get(&options)).await;
        assert_eq!(profile.expect(200).json()["email"], "ada@example.com");
        assert_eq!(status(&client).await, 200);
        let shown = show(&client).await;
        assert!(shown["verified_until"].is_string(), "{shown}");
        assert!(shown["passkeys"][0]["last_used_at"].is_string(), "{shown}");
        assert_eq!(activity(&client).await[0], "users.user_signed_in");
        // No cookie of the login is left.
        assert!(!client.cookies().expect("a session").contains("tenantry_login"));
    }

    async fn a_login_replaces_the_session_of_the_browser(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let mallory = setup.user("mallory").await;
        let planted = setup.anonymous();
        planted.set_cookies(&mallory.cookies().expect("a session"));
        log_in(&planted, &ada.authenticator).await.expect(200);
        assert_eq!(status(&mallory).await, 401);
    }

    async fn with_the_password_a_passkey_of_the_account_is_the_second_step(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let bob = Person::new(&setup, "bob").await;
        let client = setup.anonymous();
        let asked = ada.send_password(&client).await.expect(200).json();
        assert_eq!(asked, json!({"status": "mfa_required", "methods": ["passkey", "recovery_code"]}));
        assert_eq!(status(&client).await, 401);
        let options = begin_login(&client).await;
        let own = encoded(&ada.authenticator.credential_id);
        assert_eq!(options["allowCredentials"][0]["id"], own.as_str());
        let other = finish_login(&client, bob.authenticator.get(&options)).await.expect(401);
        assert_eq!(other.problem_code(), "passkey_refused");
        // The account is known, so the authenticator need not name it.
        let mut credential = ada.authenticator.get(&options);
        credential["response"]["userHandle"] = json!(null);
        finish_login(&client, credential).await.expect(200);
        assert_eq!(status(&client).await, 200);
        let count = "SELECT count(*) AS n FROM pending_logins";
        assert_eq!(setup.database.number(count).await, 0);
    }

    async fn every_refusal_is_the_same_answer(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        let options = begin_login(&client).await;
        let before = setup.tables().await;
        let unknown = authenticator(&setup).get(&options);
        let refused = finish_login(&client, unknown).await.expect(401);
        assert_eq!(refused.problem_code(), "passkey_refused");
        assert!(refused.header("set-cookie").is_none(), "{refused}");

        let good = ada.authenticator.get(&options);
        let with = |member: &str, value: serde_json::Value| {
            let mut credential = good.clone();
            credential["response"][member] = value;
            credential
        };
        let mut elsewhere = Authenticator::new("https://evil.example");
        elsewhere.credential_id.clone_from(&ada.authenticator.credential_id);
        for wrong in [
            with("signature", json!(encoded(&[1; 70]))),
            with("userHandle", json!(encoded(b"another"))),
            with("userHandle", json!(null)),
            with("clientDataJSON", json!("e30")),
            with("authenticatorData", json!("AA")),
            elsewhere.get(&options),
            // Of another browser's login.
            ada.authenticator.get(&begin_login(&setup.anonymous()).await),
        ] {
            assert_same(&finish_login(&client, wrong).await, &refused);
        }
        setup.assert_unchanged(&before).await;
        setup.database.execute("UPDATE users SET is_active = false").await;
        assert_same(&finish_login(&client, good.clone()).await, &refused);
        setup.database.execute("UPDATE users SET is_active = true").await;
        finish_login(&client, good).await.expect(200);
    }

    async fn a_challenge_is_good_once(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let (client, thief) = (setup.anonymous(), setup.anonymous());
        let credential = ada.authenticator.get(&begin_login(&client).await);
        // A thief who records the request has its cookie, too.
        thief.set_cookies(&client.cookies().expect("the cookie of the login"));
        finish_login(&client, credential.clone()).await.expect(200);
        let replayed = finish_login(&thief, credential).await.expect(401);
        assert_eq!(replayed.problem_code(), "passkey_refused");
        assert_eq!(status(&thief).await, 401);
    }

    async fn a_cookie_that_is_no_key_binds_no_login(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        for value in ["", "guessed", "%00", "g"] {
            let client = setup.anonymous();
            client.set_cookies(&format!("tenantry_login={value}"));
            let options = begin_login(&client).await;
            let sent = client.cookies().expect("a cookie of the login");
            let key = sent.strip_prefix("tenantry_login=").expect("the cookie of the login");
            assert_eq!(key.len(), 64, "{sent}");
            finish_login(&client, ada.authenticator.get(&options)).await.expect(200);

            let other = setup.anonymous();
            other.set_cookies(&format!("tenantry_login={value}"));
            let refused = finish_login(&other, ada.authenticator.get(&options)).await.expect(401);
            assert_eq!(refused.problem_code(), "login_expired");
        }
    }

    async fn without_the_cookie_of_the_login_there_is_nothing_to_finish(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let options = begin_login(&setup.anonymous()).await;
        let stranger = setup.anonymous();
        let refused = finish_login(&stranger, ada.authenticator.get(&options)).await.expect(401);
        assert_eq!(refused.problem_code(), "login_expired");
    }

    async fn two_pages_of_one_browser_do_not_end_each_others_login(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        let first = begin_login(&client).await;
        begin_login(&client).await;
        finish_login(&client, ada.authenticator.get(&first)).await.expect(200);
    }

    async fn a_begun_login_stores_nothing(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let before = setup.tables().await;
        begin_login(&setup.anonymous()).await;
        setup.assert_unchanged(&before).await;
    }

    async fn a_counter_that_does_not_count_up_is_in_the_activity(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let mut ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        for (count, is_cloned) in [(5, false), (6, false), (6, true), (2, true), (3, false)] {
            ada.authenticator.sign_count = count;
            log_in(&client, &ada.authenticator).await.expect(200);
            let recorded = activity(&client).await;
            let newest: Vec<_> = recorded.iter().take(2).map(String::as_str).collect();
            let warned = newest.contains(&"users.passkey_maybe_cloned");
            assert_eq!(warned, is_cloned, "{count}: {recorded:?}");
        }
    }

    async fn a_page_of_another_site_begins_and_finishes_none(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        let foreign = |path: &str| client.raw("POST", path).header("sec-fetch-site", "cross-site");
        let refused = foreign("/api/auth/login/passkey/begin").send().await.expect(403);
        assert_eq!(refused.problem_code(), "origin_refused");
        let options = begin_login(&client).await;
        let body = json!({"credential": ada.authenticator.get(&options)});
        foreign("/api/auth/login/passkey/finish").json(body).send().await.expect(403);
    }
}
