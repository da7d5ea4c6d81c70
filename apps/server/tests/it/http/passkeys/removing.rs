//! Removing passkeys.

use tenantry_core::access::Actor;
use tenantry_testkit::{Answer, ApiClient, each_database};
use tenantry_users::Email;

use super::person::{Person, activity, add, authenticator, log_in, show};
use crate::http::{
    second_factor::let_checks_age,
    support::{RANDOM_ID, Setup, assert_same},
};

async fn remove(client: &ApiClient, id: &str) -> Answer {
    let path = format!("/api/auth/mfa/passkeys/{id}");
    client.delete(&path).send().await
}

each_database! {
    async fn a_removed_passkey_logs_in_no_more(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let mut kept = authenticator(&setup);
        add(&ada.client, &mut kept).await.expect(201);
        remove(&ada.client, &ada.passkey()).await.expect(204);
        let shown = show(&ada.client).await;
        assert_eq!(shown["passkeys"].as_array().map(Vec::len), Some(1));
        assert_eq!(shown["recovery_codes_left"], 10);
        assert_eq!(activity(&ada.client).await[0], "users.second_factor_removed");
        log_in(&setup.anonymous(), &ada.authenticator).await.expect(401);
        log_in(&setup.anonymous(), &kept).await.expect(200);
    }

    async fn without_the_last_factor_the_password_is_enough(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        remove(&ada.client, &ada.passkey()).await.expect(204);
        assert_eq!(show(&ada.client).await["recovery_codes_left"], 0);
        setup.login("ada").await;
    }

    async fn removing_one_needs_a_recent_check(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let_checks_age(&setup).await;
        let old = remove(&ada.client, &ada.passkey()).await.expect(403);
        assert_eq!(old.problem_code(), "second_factor_required");
    }

    async fn another_accounts_passkey_is_as_unknown_as_none(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let bob = Person::new(&setup, "bob").await;
        let before = setup.tables().await;
        let unknown = remove(&ada.client, RANDOM_ID).await.expect(404);
        assert_eq!(unknown.problem_code(), "passkey_not_found");
        assert_same(&remove(&ada.client, &bob.passkey()).await, &unknown);
        assert_same(&remove(&ada.client, "no-id").await, &unknown);
        setup.assert_unchanged(&before).await;
    }

    async fn an_operator_takes_passkeys_away_with_the_other_factors(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let users = &setup.server.app.users;
        let email: Email = ada.email.parse().expect("an address");
        let user = users.find_by_email(&email).await.expect("found").expect("there");
        let reset = users.reset_second_factors(user.id, Actor::command_line());
        reset.await.expect("reset");
        log_in(&setup.anonymous(), &ada.authenticator).await.expect(401);
        let client = setup.login("ada").await;
        assert_eq!(show(&client).await["passkeys"].as_array().map(Vec::len), Some(0));
    }
}
