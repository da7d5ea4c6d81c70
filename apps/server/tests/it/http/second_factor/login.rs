//! Logging in with a second factor.

use serde_json::json;
use tenantry_core::access::Actor;
use tenantry_testkit::each_database;
use tenantry_users::LinkPurpose;

use super::person::{Person, complete, log_in, show, status};
use crate::http::support::{PASSWORD, Setup, assert_problem};

const OTHER: &str = "another horse battery";

/// A code that is wrong whenever the test runs, but for the few that are right.
async fn wrong_code(ada: &Person, setup: &Setup) -> String {
    let right = ada.code(setup).await;
    let digit = right.bytes().next().expect("six digits");
    let other = char::from(b'0' + (digit - b'0' + 5) % 10);
    format!("{other}{}", &right[1..])
}

each_database! {
    async fn a_login_with_a_second_factor_takes_two_steps(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        let begun = ada.begin_login(&client).await.expect(200);
        let expected = json!({"status": "mfa_required", "methods": ["totp", "recovery_code"]});
        assert_eq!(begun.json(), expected);
        let cookie = begun.header("set-cookie").expect("a cookie");
        for part in ["tenantry_login=", "HttpOnly", "SameSite=Lax", "Max-Age=300"] {
            assert!(cookie.contains(part), "{part}: {cookie}");
        }
        // It marks no device, which is known after the whole login only.
        assert_eq!(begun.headers.get_all("set-cookie").iter().count(), 1, "{begun}");
        // To every other route the client is anonymous.
        assert_eq!(client.get("/api/auth/me").send().await.expect(401).problem_code(), "not_authenticated");
        client.get("/api/auth/mfa").send().await.expect(401);
        client.get("/api/projects").send().await.expect(401);

        let code = ada.code(&setup).await;
        let done = complete(&client, &code).await.expect(200);
        assert_eq!(done.json()["email"], "ada@example.com");
        let cookies: Vec<_> = done.headers.get_all("set-cookie").iter().collect();
        let sent = |name: &str| cookies.iter().any(|cookie| cookie.to_str().is_ok_and(|it| it.contains(name)));
        assert!(sent("tenantry_session=") && sent("tenantry_device="), "{cookies:?}");
        assert!(sent("tenantry_login=; "), "{cookies:?}");
        assert_eq!(status(&client).await, 200);
        // It counts as a recent check.
        assert!(show(&client).await["verified_until"].is_string());
        // It is completed once.
        let again = complete(&client, &code).await.expect(401);
        assert_eq!(again.problem_code(), "login_expired");
    }

    async fn a_code_is_good_once(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let code = ada.code(&setup).await;
        let first = setup.anonymous();
        ada.begin_login(&first).await.expect(200);
        complete(&first, &code).await.expect(200);
        let second = setup.anonymous();
        ada.begin_login(&second).await.expect(200);
        let replayed = complete(&second, &code).await.expect(422);
        assert_eq!(replayed.problem_code(), "wrong_code");
        assert_problem(&replayed);
        assert_eq!(status(&second).await, 401);
    }

    async fn a_recovery_code_is_good_once_in_place_of_a_code(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        // As people type it.
        let typed = ada.recovery[0].replace('-', " ").to_uppercase();
        let client = setup.anonymous();
        ada.begin_login(&client).await.expect(200);
        complete(&client, &typed).await.expect(200);
        assert_eq!(show(&client).await["recovery_codes_left"], 9);
        let again = setup.anonymous();
        ada.begin_login(&again).await.expect(200);
        complete(&again, &ada.recovery[0]).await.expect(422);
        complete(&again, &ada.recovery[1]).await.expect(200);
        // Codes of another person are of no use.
        let bob = Person::new(&setup, "bob").await;
        let client = setup.anonymous();
        bob.begin_login(&client).await.expect(200);
        complete(&client, &ada.recovery[2]).await.expect(422);
        assert_eq!(show(&ada.login(&setup).await).await["recovery_codes_left"], 8);
    }

    async fn five_wrong_codes_end_a_login(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        ada.begin_login(&client).await.expect(200);
        let wrong = wrong_code(&ada, &setup).await;
        for _ in 0..5 {
            let refused = complete(&client, &wrong).await.expect(422);
            assert_eq!(refused.problem_code(), "wrong_code");
        }
        let code = ada.code(&setup).await;
        let over = complete(&client, &code).await.expect(401);
        assert_eq!(over.problem_code(), "login_expired");
        // The next login is another one.
        ada.begin_login(&client).await.expect(200);
        complete(&client, &code).await.expect(200);
    }

    async fn four_wrong_codes_do_not_end_a_login(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        ada.begin_login(&client).await.expect(200);
        let wrong = wrong_code(&ada, &setup).await;
        for _ in 0..4 {
            complete(&client, &wrong).await.expect(422);
        }
        complete(&client, &ada.code(&setup).await).await.expect(200);
    }

    async fn a_login_can_be_completed_for_five_minutes(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        ada.begin_login(&client).await.expect(200);
        setup.database.execute("UPDATE pending_logins SET expires_at = created_at").await;
        let code = ada.code(&setup).await;
        let over = complete(&client, &code).await.expect(401);
        assert_eq!(over.problem_code(), "login_expired");
        let nothing = complete(&setup.anonymous(), &code).await.expect(401);
        assert_eq!(nothing.problem_code(), "login_expired");
    }

    async fn what_ends_sessions_ends_a_pending_login(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let users = &setup.server.app.users;
        let email = "ada@example.com".parse().expect("an address");
        let id = users.find_by_email(&email).await.expect("found").expect("there").id;
        let pending = async || {
            let client = setup.anonymous();
            ada.begin_login(&client).await.expect(200);
            client
        };
        let refused = async |client| {
            let code = ada.code(&setup).await;
            assert_eq!(complete(&client, &code).await.expect(401).problem_code(), "login_expired");
        };

        let client = pending().await;
        let change = json!({"current_password": PASSWORD, "new_password": PASSWORD});
        ada.client.post("/api/auth/password", change).send().await.expect(204);
        refused(client).await;

        let client = pending().await;
        let members = &setup.server.app.organizations.members;
        for is_active in [false, true] {
            members.set_user_active(id, is_active, Actor::system()).await.expect("set");
        }
        refused(client).await;

        let client = pending().await;
        users.end_all_sessions(id, Actor::system()).await.expect("ended");
        refused(client).await;

        let client = pending().await;
        let password = PASSWORD.parse().expect("a password");
        users.reset_password(id, password, Actor::system()).await.expect("reset");
        refused(client).await;

        let client = pending().await;
        users.reset_second_factors(id, Actor::system()).await.expect("reset");
        refused(client).await;
    }

    async fn a_password_reset_by_mail_does_not_bypass_the_factor(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let secret = setup.mailed_secret("ada", LinkPurpose::PasswordReset).await;
        // A login would make the link useless; this session began before.
        let sql = "UPDATE account_links SET purpose = 'email_change' WHERE purpose = 'password_reset'";
        setup.database.execute(sql).await;
        let ada = Person::enrol(setup.login("ada").await, "ada").await;
        let sql = "UPDATE account_links SET purpose = 'password_reset' WHERE purpose = 'email_change'";
        setup.database.execute(sql).await;
        let body = json!({"token": secret, "new_password": OTHER});
        let client = setup.anonymous();
        client.post("/api/auth/password/reset", body).send().await.expect(204);
        let login = log_in(&client, "ada@example.com", OTHER).await.expect(200);
        assert_eq!(login.json()["status"], "mfa_required");
        assert_eq!(status(&client).await, 401);
        complete(&client, &ada.code(&setup).await).await.expect(200);
    }

    async fn a_wrong_password_is_answered_as_without_a_factor(db: TestDatabase) {
        let setup = Setup::new(db).await;
        Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        let refused = log_in(&client, "ada@example.com", OTHER).await.expect(401);
        assert_eq!(refused.problem_code(), "invalid_credentials");
        assert!(refused.header("set-cookie").is_none(), "{refused}");
    }

    async fn the_previous_session_of_the_client_ends_with_the_whole_login(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let old = setup.anonymous();
        old.set_cookies(&ada.client.cookies().expect("a session"));
        ada.begin_login(&ada.client).await.expect(200);
        assert_eq!(status(&old).await, 200);
        let code = ada.code(&setup).await;
        complete(&ada.client, &code).await.expect(200);
        assert_eq!(status(&old).await, 401);
        assert_eq!(status(&ada.client).await, 200);
    }

    async fn a_page_of_another_site_completes_no_login(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        ada.begin_login(&client).await.expect(200);
        let code = json!({"code": ada.code(&setup).await});
        let call = client.post("/api/auth/login/mfa", code).header("sec-fetch-site", "cross-site");
        call.send().await.expect(403);
        assert_eq!(status(&client).await, 401);
    }
}
