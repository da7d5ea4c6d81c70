//! Organizations that require a second factor of their members.

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_testkit::{Answer, ApiClient, each_database};

use super::person::{Person, check, let_checks_age, listed, remove};
use crate::http::support::{PASSWORD, Setup, text};

async fn require(client: &ApiClient, organization: &str, value: impl Into<Value>) -> Answer {
    let path = format!("/api/organizations/{organization}/settings");
    let patch = json!({"require_mfa": value.into()});
    client.patch(&path, patch).send().await
}

async fn visit(client: &ApiClient) -> Answer {
    client
        .get("/api/projects")
        .organization("acme")
        .send()
        .await
}

async fn token(client: &ApiClient, organization: &str) -> Answer {
    let new = json!({"name": "CI", "organization_id": organization});
    client.post("/api/tokens", new).send().await
}

each_database! {
    async fn members_without_a_factor_are_kept_out_until_they_set_one_up(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let id = setup.organization(&ada.client, "acme").await;
        let bob = setup.member("acme", "bob", Role::Admin).await;
        let made = token(&bob, &id).await.expect(201);
        let made = text(&made.json()["token"]);
        visit(&bob).await.expect(200);
        let changed = require(&ada.client, &id, true).await.expect(200).json();
        assert_eq!(changed["require_mfa"], true);

        visit(&ada.client).await.expect(200);
        for refused in [
            visit(&bob).await,
            bob.get(&format!("/api/organizations/{id}")).send().await,
            bob.raw("POST", &format!("/api/organizations/{id}/switch")).send().await,
            bob.raw("POST", &format!("/api/organizations/{id}/leave")).send().await,
            bob.get("/api/projects").send().await,
            token(&bob, &id).await,
        ] {
            assert_eq!(refused.status, 403, "{refused}");
            assert_eq!(refused.problem_code(), "mfa_enrollment_required");
        }
        // Outside of the organization nothing changes, and its tokens stay.
        bob.get("/api/organizations").send().await.expect(200);
        setup.organization(&bob, "bobs").await;
        let bearer = format!("Bearer {made}");
        let by_token = setup.anonymous().get("/api/projects").header("authorization", bearer);
        by_token.send().await.expect(200);
        // A stranger learns nothing.
        let eve = setup.user("eve").await;
        visit(&eve).await.expect(404);

        let bob = Person::enrol(bob, "bob").await;
        visit(&bob.client).await.expect(200);
        token(&bob.client, &id).await.expect(201);
        // Without the last one the member is locked out again.
        remove(&bob.client, PASSWORD, &bob.recovery[0]).await.expect(204);
        assert_eq!(visit(&bob.client).await.expect(403).problem_code(), "mfa_enrollment_required");
        require(&ada.client, &id, Value::Null).await.expect(200);
        visit(&bob.client).await.expect(200);
    }

    async fn a_session_that_never_checked_the_factor_is_kept_out_too(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let id = setup.organization(&ada.client, "acme").await;
        let older = setup.member("acme", "bob", Role::Viewer).await;
        let bob = Person::enrol(setup.login("bob").await, "bob").await;
        require(&ada.client, &id, true).await.expect(200);
        visit(&bob.client).await.expect(200);
        assert_eq!(visit(&older).await.expect(403).problem_code(), "second_factor_required");
        check(&older, &bob.code(&setup).await).await.expect(204);
        visit(&older).await.expect(200);
        // The check has not to be recent.
        let_checks_age(&setup).await;
        visit(&older).await.expect(200);
    }

    async fn an_owner_with_a_factor_alone_requires_it(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let id = setup.organization(&ada, "acme").await;
        let refused = require(&ada, &id, true).await.expect(403);
        assert_eq!(refused.problem_code(), "mfa_enrollment_required");
        let bob = setup.member("acme", "bob", Role::Admin).await;
        let bob = Person::enrol(bob, "bob").await;
        let refused = require(&bob.client, &id, true).await.expect(403);
        assert_eq!(refused.problem_code(), "permission_denied");
        let token = text(&token(&ada, &id).await.expect(201).json()["token"]);
        let path = format!("/api/organizations/{id}/settings");
        let call = setup.anonymous().patch(&path, json!({"require_mfa": true}));
        let refused = call.header("authorization", format!("Bearer {token}")).send().await.expect(403);
        assert_eq!(refused.problem_code(), "session_required");
        // Other settings are an admin's, as before.
        let patch = json!({"features": {"early_access": true}});
        let changed = bob.client.patch(&path, patch).send().await.expect(200).json();
        assert_eq!(changed["require_mfa"], false);
        let ada = Person::enrol(ada, "ada").await;
        require(&ada.client, &id, true).await.expect(200);
        // A patch of others keeps it.
        let patch = json!({"features": {"early_access": false}});
        let changed = bob.client.patch(&path, patch).send().await.expect(200).json();
        assert_eq!(changed["require_mfa"], true);
    }

    async fn owners_see_who_has_a_factor(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let id = setup.organization(&ada.client, "acme").await;
        let bob = setup.member("acme", "bob", Role::Admin).await;
        let path = format!("/api/organizations/{id}/members");
        let seen = async |client: &ApiClient| {
            let members = client.get(&path).send().await.expect(200);
            let members = listed(&members).into_iter();
            let mut seen: Vec<_> = members
                .map(|member| (text(&member["user_name"]), member["user_has_second_factor"].clone()))
                .collect();
            seen.sort_by(|one, other| one.0.cmp(&other.0));
            seen
        };
        let expected = [("ada".to_owned(), json!(true)), ("bob".to_owned(), json!(false))];
        assert_eq!(seen(&ada.client).await, expected);
        let hidden = [("ada".to_owned(), Value::Null), ("bob".to_owned(), Value::Null)];
        assert_eq!(seen(&bob).await, hidden);
    }
}
