//! Checking the second factor again with a passkey.

use tenantry_testkit::each_database;

use super::person::{Person, begun, finish_check, options, show};
use crate::http::{
    second_factor::let_checks_age,
    support::{Setup, assert_same},
};

const BEGIN: &str = "/api/auth/mfa/verify/passkey/begin";

each_database! {
    async fn a_passkey_of_the_account_makes_the_check_recent(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let bob = Person::new(&setup, "bob").await;
        let_checks_age(&setup).await;
        assert!(show(&ada.client).await["verified_until"].is_null());
        let options = options(&ada.client, BEGIN).await;
        let other = finish_check(&ada.client, bob.authenticator.get(&options)).await.expect(422);
        assert_eq!(other.problem_code(), "passkey_invalid");
        let credential = ada.authenticator.get(&options);
        // The challenge is for the session that began.
        assert_same(&finish_check(&bob.client, credential.clone()).await, &other);
        finish_check(&ada.client, credential.clone()).await.expect(204);
        assert!(show(&ada.client).await["verified_until"].is_string());
        assert_same(&finish_check(&ada.client, credential).await, &other);
    }

    async fn the_challenge_of_a_new_passkey_is_none_of_a_check(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let mut options = options(&ada.client, BEGIN).await;
        options["challenge"] = begun(&ada.client).await["challenge"].clone();
        let refused = finish_check(&ada.client, ada.authenticator.get(&options)).await.expect(422);
        assert_eq!(refused.problem_code(), "passkey_invalid");
    }

    async fn an_account_without_a_passkey_has_nothing_to_check(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let refused = ada.raw("POST", BEGIN).send().await.expect(404);
        assert_eq!(refused.problem_code(), "second_factor_not_found");
    }
}
