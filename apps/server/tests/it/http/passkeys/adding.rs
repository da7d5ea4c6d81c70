//! Adding passkeys.

use serde_json::json;
use tenantry_testkit::each_database;

use super::{
    authenticator::{Authenticator, encoded},
    person::{Person, activity, add, authenticator, begin, begun, finish, log_in, show, status},
};
use crate::http::{
    second_factor::{self, let_checks_age},
    support::{PASSWORD, Setup, assert_same},
};

each_database! {
    async fn a_passkey_is_added_with_recovery_codes_and_is_a_second_factor(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        assert_eq!(ada.added["recovery_codes"].as_array().map(Vec::len), Some(10));
        let shown = show(&ada.client).await;
        assert_eq!(shown["factors"][0]["method"], "passkey");
        assert_eq!(shown["passkeys"], json!([ada.added["passkey"]]));
        assert_eq!(shown["passkeys"][0]["name"], "Phone");
        assert_eq!(shown["passkeys"][0]["is_synced"], true);
        assert_eq!(shown["recovery_codes_left"], 10);
        assert!(shown["verified_until"].is_string(), "{shown}");
        assert!(activity(&ada.client).await.contains(&"users.second_factor_added".to_owned()));

        // A second one comes without codes: the first ones are good.
        let mut other = authenticator(&setup);
        let added = add(&ada.client, &mut other).await.expect(201).json();
        assert!(added["recovery_codes"].is_null(), "{added}");
        assert_eq!(show(&ada.client).await["passkeys"].as_array().map(Vec::len), Some(2));
    }

    async fn a_factor_that_another_session_set_up_meanwhile_is_asked_for(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let client = setup.user("ada").await;
        let mut new = authenticator(&setup);
        let options = begun(&client).await;
        second_factor::Person::enrol(setup.login("ada").await, "ada").await;
        let refused = finish(&client, new.create(&options)).await.expect(403);
        assert_eq!(refused.problem_code(), "second_factor_required");
        assert_eq!(show(&client).await["passkeys"], json!([]));
    }

    async fn the_options_name_the_site_the_account_and_the_known_passkeys(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let options = begun(&ada.client).await;
        assert_eq!(options["rp"]["id"], "localhost");
        assert_eq!(options["user"]["name"], "ada@example.com");
        assert_eq!(options["attestation"], "none");
        let selection = json!({
            "residentKey": "required", "requireResidentKey": true, "userVerification": "required",
        });
        assert_eq!(options["authenticatorSelection"], selection);
        let known = json!([{
            "type": "public-key",
            "id": encoded(&ada.authenticator.credential_id),
            "transports": ["internal"],
        }]);
        assert_eq!(options["excludeCredentials"], known);
        // The handle discloses nothing, and is the same for each passkey of the account alone.
        let again = begun(&ada.client).await;
        assert_eq!(options["user"]["id"], again["user"]["id"]);
        assert_ne!(options["challenge"], again["challenge"]);
        let bob = begun(&setup.user("bob").await).await;
        assert_ne!(options["user"]["id"], bob["user"]["id"]);
    }

    async fn adding_one_needs_the_password_and_a_recent_check(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let wrong = begin(&ada, "another horse battery").await.expect(422);
        assert_eq!(wrong.problem_code(), "wrong_password");
        begin(&setup.anonymous(), PASSWORD).await.expect(401);

        let person = second_factor::Person::enrol(ada, "ada").await;
        begin(&person.client, PASSWORD).await.expect(200);
        let_checks_age(&setup).await;
        let old = begin(&person.client, PASSWORD).await.expect(403);
        assert_eq!(old.problem_code(), "second_factor_required");
    }

    async fn a_challenge_is_for_the_session_that_began(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let elsewhere = setup.login("ada").await;
        let mut authenticator = authenticator(&setup);
        let credential = authenticator.create(&begun(&ada).await);
        let before = setup.tables().await;
        let refused = finish(&elsewhere, credential.clone()).await.expect(422);
        assert_eq!(refused.problem_code(), "passkey_invalid");
        // Nor is one of a login.
        let login = super::person::begin_login(&ada).await;
        let mut options = begun(&ada).await;
        options["challenge"] = login["challenge"].clone();
        assert_same(&finish(&ada, authenticator.create(&options)).await, &refused);
        options["challenge"] = json!(encoded(&[1; 56]));
        assert_same(&finish(&ada, authenticator.create(&options)).await, &refused);
        setup.assert_unchanged(&before).await;
        finish(&ada, credential).await.expect(201);
    }

    async fn a_challenge_is_good_once(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let options = begun(&ada).await;
        finish(&ada, authenticator(&setup).create(&options)).await.expect(201);
        let again = finish(&ada, authenticator(&setup).create(&options)).await.expect(422);
        assert_eq!(again.problem_code(), "passkey_invalid");
    }

    async fn a_passkey_belongs_to_one_account(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let mut ada = Person::new(&setup, "ada").await;
        let bob = setup.user("bob").await;
        let before = setup.tables().await;
        for client in [&ada.client, &bob] {
            let options = begun(client).await;
            let refused = finish(client, ada.authenticator.create(&options)).await.expect(422);
            assert_eq!(refused.problem_code(), "passkey_invalid");
        }
        setup.assert_unchanged(&before).await;
        // The handle of the account is what the authenticator keeps.
        ada.authenticator.create(&begun(&ada.client).await);
        log_in(&setup.anonymous(), &ada.authenticator).await.expect(200);
    }

    async fn another_page_and_a_person_who_was_not_verified_are_refused(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let before = setup.tables().await;
        let mut elsewhere = Authenticator::new("https://evil.example");
        let mut unverified = authenticator(&setup);
        unverified.flags = 0b1_1001;
        for authenticator in [&mut elsewhere, &mut unverified] {
            let refused = add(&ada, authenticator).await.expect(422);
            assert_eq!(refused.problem_code(), "passkey_invalid");
        }
        setup.assert_unchanged(&before).await;
    }

    async fn an_account_has_at_most_twenty(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        for _ in 0..19 {
            add(&ada, &mut authenticator(&setup)).await.expect(201);
        }
        // Two steps that began before the last one.
        let options = [begun(&ada).await, begun(&ada).await];
        finish(&ada, authenticator(&setup).create(&options[0])).await.expect(201);
        let full = finish(&ada, authenticator(&setup).create(&options[1])).await.expect(409);
        assert_eq!(full.problem_code(), "too_many_passkeys");
        let full = begin(&ada, PASSWORD).await.expect(409);
        assert_eq!(full.problem_code(), "too_many_passkeys");
    }

    async fn a_server_that_is_reached_by_a_number_has_none(db: TestDatabase) {
        let address = ("TENANTRY__SERVER__PUBLIC_URL", "http://192.0.2.7");
        let setup = Setup::with_env(db, &[address]).await;
        let ada = setup.user("ada").await;
        let refused = begin(&ada, PASSWORD).await.expect(409);
        assert_eq!(refused.problem_code(), "passkeys_unavailable");
        let login = setup.anonymous().raw("POST", "/api/auth/login/passkey/begin");
        assert_same(&login.send().await, &refused);
        assert_eq!(status(&ada).await, 200);
    }

    async fn every_wrong_member_of_a_credential_is_named(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let mut credential = authenticator(&setup).create(&begun(&ada).await);
        credential["type"] = json!("password");
        credential["response"]["attestationObject"] = json!("not base64url!");
        let refused = finish(&ada, credential).await.expect(422).json();
        let errors = refused["errors"].as_array().expect("errors");
        let mut pointers: Vec<_> = errors.iter().filter_map(|it| it["pointer"].as_str()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/credential/response/attestationObject", "/credential/type"]);
    }
}
