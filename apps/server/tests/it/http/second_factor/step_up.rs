//! What asks for a recent check of the second factor.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::{Answer, ApiClient, each_database};

use super::person::{Person, check, let_checks_age, listed, show};
use crate::http::support::{PASSWORD, Setup, text};

/// What asks for it, each with the status of its success.
async fn sensitive(
    client: &ApiClient,
    organization: &str,
    member: &str,
) -> Vec<(&'static str, Answer, u16)> {
    let password = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    let address = json!({"email": "moved@example.com", "current_password": PASSWORD});
    let token = json!({"name": "CI", "organization_id": organization});
    let recovery = json!({"current_password": PASSWORD});
    let acme = format!("/api/organizations/{organization}");
    vec![
        (
            "the address",
            client.post("/api/auth/email", address).send().await,
            202,
        ),
        (
            "a token",
            client.post("/api/tokens", token).send().await,
            201,
        ),
        (
            "recovery codes",
            client
                .post("/api/auth/mfa/recovery-codes", recovery)
                .send()
                .await,
            200,
        ),
        (
            "a requirement",
            client
                .patch(&format!("{acme}/settings"), json!({"require_mfa": true}))
                .send()
                .await,
            200,
        ),
        (
            "a transfer",
            client
                .post(&format!("{acme}/transfer"), json!({"member_id": member}))
                .send()
                .await,
            200,
        ),
        (
            "the password",
            client.post("/api/auth/password", password).send().await,
            204,
        ),
    ]
}

/// An organization with another member, and both ids.
async fn acme(setup: &Setup, owner: &ApiClient) -> (String, String) {
    let id = setup.organization(owner, "acme").await;
    setup.member("acme", "bob", Role::Member).await;
    let members = owner
        .get(&format!("/api/organizations/{id}/members"))
        .send()
        .await;
    let members = listed(&members.expect(200));
    let bob = members
        .iter()
        .find(|member| member["user_email"] == "bob@example.com");
    let member = text(&bob.expect("a member")["id"]);
    (id, member)
}

each_database! {
    async fn sensitive_changes_ask_for_a_check_within_ten_minutes(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let (id, bob) = acme(&setup, &ada.client).await;
        let_checks_age(&setup).await;
        let before = setup.tables().await;
        for (what, answer, _) in sensitive(&ada.client, &id, &bob).await {
            assert_eq!(answer.status, 403, "{what}: {answer}");
            assert_eq!(answer.problem_code(), "second_factor_required", "{what}");
        }
        setup.assert_unchanged(&before).await;

        check(&ada.client, "000000").await.expect(422);
        check(&ada.client, &ada.code(&setup).await).await.expect(204);
        for (what, answer, status) in sensitive(&ada.client, &id, &bob).await {
            assert_eq!(answer.status, status, "{what}: {answer}");
        }
    }

    async fn deleting_an_organization_asks_for_a_check_too(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let id = setup.organization(&ada.client, "acme").await;
        let_checks_age(&setup).await;
        let path = format!("/api/organizations/{id}");
        let delete = || ada.client.delete(&path).json(json!({"confirm_slug": "acme"})).send();
        assert_eq!(delete().await.expect(403).problem_code(), "second_factor_required");
        check(&ada.client, &ada.recovery[0]).await.expect(204);
        delete().await.expect(204);
    }

    async fn a_check_is_of_one_session(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let other = ada.login(&setup).await;
        let_checks_age(&setup).await;
        check(&ada.client, &ada.code(&setup).await).await.expect(204);
        let renewed = json!({"current_password": PASSWORD});
        let path = "/api/auth/mfa/recovery-codes";
        other.post(path, renewed.clone()).send().await.expect(403);
        assert!(show(&other).await["verified_until"].is_null());
        ada.client.post(path, renewed).send().await.expect(200);
    }

    async fn a_session_from_before_the_factor_has_not_checked_it(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let older = setup.user("ada").await;
        let ada = Person::enrol(setup.login("ada").await, "ada").await;
        let renewed = json!({"current_password": PASSWORD});
        let path = "/api/auth/mfa/recovery-codes";
        older.post(path, renewed.clone()).send().await.expect(403);
        check(&older, &ada.code(&setup).await).await.expect(204);
        older.post(path, renewed).send().await.expect(200);
    }

    async fn without_a_factor_nothing_is_asked_for(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let nothing = check(&ada, "123456").await.expect(404);
        assert_eq!(nothing.problem_code(), "second_factor_not_found");
        let change = json!({"current_password": PASSWORD, "new_password": PASSWORD});
        ada.post("/api/auth/password", change).send().await.expect(204);
    }
}
