//! The second factor: signing in with it, setting it up, and where it is asked for again.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::{Answer, ApiClient, Authenticator, each_database};

use super::support::{hides, html, leads_to, open, shows, submit, value};
use crate::http::{
    second_factor::Person,
    support::{PASSWORD, Setup, items},
};

const APP: &str = "/account/security/app";

/// Sends the password of a person.
async fn log_in(client: &ApiClient, name: &str, next: &str) -> Answer {
    let email = format!("{name}@example.com");
    let fields = [
        ("email", email.as_str()),
        ("password", PASSWORD),
        ("next", next),
    ];
    submit(client, "/login", &fields).await
}

async fn send_code(client: &ApiClient, code: &str, next: &str) -> Answer {
    submit(client, "/login/code", &[("code", code), ("next", next)]).await
}

/// A code that is none of those that are good now.
async fn wrong_code(ada: &Person, setup: &Setup) -> String {
    let right = ada.code(setup).await;
    let digit = right.bytes().next().expect("six digits");
    let other = char::from(b'0' + (digit - b'0' + 5) % 10);
    format!("{other}{}", &right[1..])
}

/// Lets ten minutes pass since each session checked its second factor.
async fn let_checks_age(setup: &Setup) {
    let sql = "UPDATE sessions SET second_factor_at = '2020-01-01T00:00:00+00:00'
               WHERE second_factor_at IS NOT NULL";
    setup.database.execute(sql).await;
}

/// The recovery codes that a page shows.
fn codes(page: &str) -> Vec<String> {
    let (_, rest) = page.split_once("<textarea").expect("codes");
    let (_, rest) = rest.split_once('>').expect("codes");
    let (codes, _) = rest.split_once("</textarea>").expect("codes");
    codes.split_whitespace().map(str::to_owned).collect()
}

/// Requires a second factor of the members of acme, or no longer.
async fn require(owner: &ApiClient, is_required: bool) -> Answer {
    let fields: &[_] = if is_required {
        &[("require_mfa", "on")]
    } else {
        &[]
    };
    submit(owner, "/o/acme/settings/second-factor", fields).await
}

each_database! {
    async fn an_app_is_set_up_with_the_password_and_a_code(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let page = open(&ada, "/account/security").await;
        shows(&page, &["Your password alone signs you in", APP]);
        hides(&page, &["recovery code", "Remove"]);
        let begin = async |password| submit(&ada, APP, &[("current_password", password)]).await;
        let page = html(begin("wrong horse battery").await, 422);
        shows(&page, &["current_password-error"]);
        hides(&page, &["wrong horse battery"]);

        let shown = begin(PASSWORD).await;
        assert_eq!(shown.header("cache-control"), Some("no-store"));
        let page = html(shown, 200);
        shows(&page, &["<svg role=\"img\" aria-label=\"QR code\"", "type the secret"]);
        // The policy of the pages allows no inline styles, and HTML knows no declaration of XML.
        hides(&page, &["style=\"", "<?xml", "otpauth:"]);
        let secret = value(&page, "secret");
        let app = Authenticator::new(&secret);
        let confirm = async |code: &str| submit(&ada, "/account/security/app/confirm", &[("code", code)]).await;
        let page = html(confirm("12345").await, 422);
        shows(&page, &["The code must be the six digits", "begin again"]);
        hides(&page, &["12345", &secret]);
        // It is pending until then.
        shows(&open(&ada, "/account/security").await, &["Your password alone signs you in"]);

        let confirmed = confirm(&app.code()).await;
        assert_eq!(confirmed.header("cache-control"), Some("no-store"));
        let page = html(confirmed, 200);
        let recovery = codes(&page);
        assert_eq!(recovery.len(), 10, "{page}");
        shows(&page, &["data-copy=\"codes\"", "data-print", "not shown again"]);
        let page = open(&ada, "/account/security").await;
        shows(&page, &["Authenticator app", "You have 10 recovery codes left", "/account/security/app/remove"]);
        hides(&page, &[&recovery[0], "Your password alone"]);
        assert_eq!(leads_to(ada.get("/account/security/app/confirm").send().await), APP);
        // The page with the codes is not made a second time.
        let path = leads_to(confirm(&app.code()).await);
        assert_eq!(path, "/account/security/app?done=enrolment-over");
        shows(&open(&ada, &path).await, &["Begin again."]);
        shows(&html(begin(PASSWORD).await, 422), &["An authenticator app is set up already"]);
        shows(&open(&ada, "/account/activity").await, &["Second factor added"]);
    }

    async fn signing_in_asks_for_a_code_and_keeps_where_to_go(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        let path = leads_to(log_in(&client, "ada", "/account?x=1").await);
        assert_eq!(path, "/login/code?next=/account%3Fx%3D1");
        let page = open(&client, &path).await;
        shows(&page, &["autocomplete=\"one-time-code\"", "A recovery code works, too", "Start again"]);
        assert_eq!(value(&page, "next"), "/account?x=1");
        // There is no session yet.
        assert_eq!(leads_to(client.get("/account").send().await), "/login?next=/account");

        let wrong = wrong_code(&ada, &setup).await;
        let page = html(send_code(&client, &wrong, "/account?x=1").await, 422);
        shows(&page, &["The code is wrong, or was used before.", "aria-invalid", "code-error"]);
        hides(&page, &[&wrong]);
        assert_eq!(value(&page, "next"), "/account?x=1");
        let page = html(send_code(&client, "12345", "").await, 422);
        shows(&page, &["The code must be the six digits"]);

        let code = ada.code(&setup).await;
        assert_eq!(leads_to(send_code(&client, &code, "/account?x=1").await), "/account?x=1");
        shows(&open(&client, "/account").await, &["ada@example.com"]);
        // A code is good once, and the login is complete.
        assert_eq!(leads_to(client.get("/login/code?next=/account").send().await), "/account");
        assert_eq!(leads_to(client.get("/login/code").send().await), "/organizations");
        let other = setup.anonymous();
        assert_eq!(leads_to(log_in(&other, "ada", "").await), "/login/code");
        html(send_code(&other, &code, "").await, 422);
        // Where to go is a page of this server.
        let code = ada.code(&setup).await;
        assert_eq!(leads_to(send_code(&other, &code, "//evil.example").await), "/");
    }

    async fn without_a_login_that_waits_the_page_of_the_code_leads_to_the_first_step(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        for (asked, page) in [("", "/login"), ("?next=/account", "/login?next=/account"), ("?next=//evil.example", "/login")] {
            assert_eq!(leads_to(client.get(&format!("/login/code{asked}")).send().await), page);
        }
        let code = ada.code(&setup).await;
        let path = leads_to(send_code(&client, &code, "").await);
        assert_eq!(path, "/login?done=login-ended");
        shows(&open(&client, &path).await, &["The sign-in took too long", "Begin again."]);
        // The same when its five minutes are over.
        log_in(&client, "ada", "").await;
        setup.database.execute("UPDATE pending_logins SET expires_at = created_at").await;
        assert_eq!(leads_to(client.get("/login/code").send().await), "/login");
        let path = leads_to(send_code(&client, &code, "/account").await);
        assert_eq!(path, "/login?next=/account&done=login-ended");
    }

    async fn the_fifth_wrong_code_leads_back_to_the_first_step(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = setup.anonymous();
        log_in(&client, "ada", "").await;
        let wrong = wrong_code(&ada, &setup).await;
        for _ in 0..4 {
            html(send_code(&client, &wrong, "").await, 422);
        }
        assert_eq!(leads_to(send_code(&client, &wrong, "").await), "/login?done=login-ended");
        // The right one comes too late.
        let code = ada.code(&setup).await;
        assert_eq!(leads_to(send_code(&client, &code, "").await), "/login?done=login-ended");
        assert_eq!(leads_to(client.get("/account").send().await), "/login?next=/account");
    }

    async fn a_recovery_code_works_in_the_same_field_and_few_are_warned_of(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        for (used, left) in [(7, "You have 3 recovery codes left."), (8, "You have 2 recovery codes left."), (9, "You have 1 recovery code left."), (10, "You have no recovery code left.")] {
            let client = setup.anonymous();
            log_in(&client, "ada", "").await;
            for code in &ada.recovery[..used - 1] {
                let sql = format!(
                    "DELETE FROM recovery_codes WHERE code_hash = '{}'",
                    tenantry_core::digest::sha256(&code.replace('-', ""))
                );
                setup.database.execute(&sql).await;
            }
            let code = &ada.recovery[used - 1];
            assert_eq!(leads_to(send_code(&client, code, "").await), "/", "{used}");
            let page = open(&client, "/account/security").await;
            shows(&page, &[left]);
            assert_eq!(page.contains("losing your second factor"), used > 7, "{page}");
        }

        let renew = async |password| {
            submit(&ada.client, "/account/security/recovery-codes", &[("current_password", password)]).await
        };
        shows(&open(&ada.client, "/account/security/recovery-codes").await, &["of no use any more"]);
        shows(&html(renew("wrong horse battery").await, 422), &["current_password-error"]);
        let new = codes(&html(renew(PASSWORD).await, 200));
        assert_eq!(new.len(), 10);
        let client = setup.anonymous();
        log_in(&client, "ada", "").await;
        html(send_code(&client, &ada.recovery[0], "").await, 422);
        assert_eq!(leads_to(send_code(&client, &new[0], "").await), "/");
        // A person without a second factor has none to renew.
        let bob = setup.user("bob").await;
        let path = "/account/security/recovery-codes";
        assert_eq!(leads_to(bob.get(path).send().await), "/account/security");
        assert_eq!(leads_to(submit(&bob, path, &[("current_password", PASSWORD)]).await), "/account/security");
    }

    async fn an_app_is_removed_with_the_password_and_a_code(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let path = "/account/security/app/remove";
        shows(&open(&ada.client, path).await, &["your password alone signs you in", "require a second factor"]);
        let remove = async |password, code: &str| {
            submit(&ada.client, path, &[("current_password", password), ("code", code)]).await
        };
        let code = ada.code(&setup).await;
        shows(&html(remove("wrong horse battery", &code).await, 422), &["current_password-error"]);
        let wrong = wrong_code(&ada, &setup).await;
        shows(&html(remove(PASSWORD, &wrong).await, 422), &["code-error"]);
        let done = leads_to(remove(PASSWORD, &code).await);
        shows(&open(&ada.client, &done).await, &["The authenticator app was removed.", "Your password alone"]);
        assert_eq!(leads_to(ada.client.get(path).send().await), "/account/security");
        let client = setup.anonymous();
        assert_eq!(leads_to(log_in(&client, "ada", "").await), "/");
        // Nothing asks for it any more.
        assert_eq!(leads_to(client.get("/account/verify?next=/account").send().await), "/account");
    }

    async fn what_asks_for_a_recent_check_leads_to_it_and_back(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = Person::new(&setup, "ada").await;
        let client = &ada.client;
        let acme = setup.organization(client, "acme").await;
        setup.member("acme", "bob", Role::Member).await;
        let members = client.get(&format!("/api/organizations/{acme}/members?q=bob")).send().await;
        let bob = items(&members.expect(200), "id").pop().expect("a member");
        let transfer = format!("/o/acme/members/{bob}/transfer");
        let pages = ["/o/acme/settings/delete", &transfer, "/account/security/recovery-codes", APP];
        let forms = [("/account/security", "new_password"), ("/account/email", "name=\"email\""), ("/account/tokens", "name=\"name\"")];
        for path in pages {
            open(client, path).await;
        }
        for (path, field) in forms {
            shows(&open(client, path).await, &[field]);
        }
        let_checks_age(&setup).await;
        // Before anything is typed.
        for path in pages {
            assert_eq!(leads_to(client.get(path).send().await), format!("/account/verify?next={path}"));
        }
        for (path, field) in forms {
            let page = open(client, path).await;
            shows(&page, &[&format!("href=\"/account/verify?next={path}\"")]);
            hides(&page, &[field]);
        }

        // A form that was open for long leads back to its page.
        let fields = json!({"current_password": PASSWORD, "new_password": PASSWORD});
        let change = |referrer: &str| {
            let call = client.raw("POST", "/account/security").form(&fields);
            let call = if referrer.is_empty() { call } else { call.header("Referer", referrer) };
            call.send()
        };
        for (referrer, next) in [
            ("", "/account/security"),
            ("http://tenantry.example/account/security?done=app-removed", "/account/security"),
            ("http://tenantry.example/o/acme?x=1", "/o/acme%3Fx%3D1"),
            ("http://tenantry.example//evil.example", "/account/security"),
        ] {
            assert_eq!(leads_to(change(referrer).await), format!("/account/verify?next={next}"));
        }
        for path in ["/o/acme/settings/delete", transfer.as_str()] {
            let fields: &[_] = if path == transfer { &[] } else { &[("confirm_slug", "acme")] };
            assert_eq!(leads_to(submit(client, path, fields).await), format!("/account/verify?next={path}"));
        }

        let verify = async |code: &str, next| submit(client, "/account/verify", &[("code", code), ("next", next)]).await;
        let page = open(client, "/account/verify?next=/account/email").await;
        shows(&page, &["Confirm that it is you", "A recovery code works, too"]);
        assert_eq!(value(&page, "next"), "/account/email");
        let wrong = wrong_code(&ada, &setup).await;
        let page = html(verify(&wrong, "/account/email").await, 422);
        shows(&page, &["code-error"]);
        assert_eq!(value(&page, "next"), "/account/email");
        hides(&page, &[&wrong]);
        let path = leads_to(verify(&ada.code(&setup).await, "/account/email").await);
        assert_eq!(path, "/account/email?done=verified");
        shows(&open(client, &path).await, &["you are not asked again", "name=\"email\""]);
        assert_eq!(leads_to(change("").await), "/account/security?done=password-changed");
        // Elsewhere than on this server it leads nowhere.
        let path = leads_to(verify(&ada.recovery[0], "https://evil.example/").await);
        assert_eq!(path, "/account/security?done=verified");
    }

    async fn an_organization_that_requires_a_factor_leads_its_members_to_set_one_up(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "acme").await;
        let bob = setup.member("acme", "bob", Role::Admin).await;
        let path = "/o/acme/settings/second-factor";
        shows(&open(&ada, "/o/acme/settings").await, &["Members can work in the organization without a second factor", path]);
        // An owner would be kept out, too.
        let page = open(&ada, path).await;
        shows(&page, &["set one up for your own account"]);
        hides(&page, &["require_mfa"]);
        shows(&html(require(&ada, true).await, 422), &["Set up a second factor for your own account first"]);
        html(require(&bob, true).await, 403);
        html(bob.get(path).send().await, 403);
        shows(&open(&bob, "/o/acme/settings").await, &["Owners change this."]);

        let ada = Person::enrol(ada, "ada").await;
        let older = setup.login("bob").await;
        let page = open(&ada.client, "/o/acme/members").await;
        assert_eq!(page.matches("No second factor").count(), 1, "{page}");
        // Others don't see it.
        hides(&open(&bob, "/o/acme/members").await, &["No second factor"]);
        let page = open(&ada.client, path).await;
        shows(&page, &["name=\"require_mfa\"", "API tokens go on to work"]);
        hides(&page, &["checked"]);
        let_checks_age(&setup).await;
        let verify = format!("/account/verify?next={path}");
        assert_eq!(leads_to(ada.client.get(path).send().await), verify);
        assert_eq!(leads_to(require(&ada.client, true).await), verify);
        submit(&ada.client, "/account/verify", &[("code", &ada.recovery[0])]).await;
        let done = leads_to(require(&ada.client, true).await);
        shows(&open(&ada.client, &done).await, &["The settings were saved.", "Members need a second factor"]);
        shows(&open(&ada.client, path).await, &["checked"]);

        let asked = "/account/security?required_by=acme";
        for path in ["/o/acme", "/o/acme/projects?q=x", "/o/acme/members/leave"] {
            assert_eq!(leads_to(bob.get(path).send().await), asked, "{path}");
        }
        assert_eq!(leads_to(submit(&bob, "/o/acme/switch", &[]).await), asked);
        shows(&open(&bob, asked).await, &["acme requires a second factor of its members", APP]);
        // Of other organizations nothing is said.
        shows(&open(&bob, "/account/security?required_by=nowhere").await, &["An organization requires"]);
        let page = open(&bob, "/account/security?required_by=%3Cb%3E").await;
        hides(&page, &["requires a second factor of"]);

        let bob = Person::enrol(bob, "bob").await;
        open(&bob.client, "/o/acme").await;
        hides(&open(&bob.client, asked).await, &["requires a second factor of"]);
        hides(&open(&ada.client, "/o/acme/members").await, &["No second factor"]);
        // A session from before proves it once.
        assert_eq!(leads_to(older.get("/o/acme").send().await), "/account/verify?next=/o/acme");
        submit(&older, "/account/verify", &[("code", &bob.recovery[0])]).await;
        open(&older, "/o/acme").await;
        let done = leads_to(require(&ada.client, false).await);
        shows(&open(&ada.client, &done).await, &["Members can work in the organization without"]);
    }

    async fn an_operator_resets_a_second_factor_after_a_page_that_says_what_ends(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let root = setup.user("root").await;
        let flag = "UPDATE users SET is_superuser = TRUE WHERE email = 'root@example.com'";
        setup.database.execute(flag).await;
        let ada = Person::new(&setup, "ada").await;
        let me = ada.client.get("/api/auth/me").send().await.expect(200).json();
        let person = format!("/admin/people/{}", me["id"].as_str().expect("an id"));
        let step = format!("{person}/reset-second-factor");
        shows(&open(&root, &person).await, &["Reset the second factor"]);
        shows(&open(&root, &step).await, &["Take the second factor away from ada?", "All sessions of the person end"]);
        html(ada.client.get(&step).send().await, 404);
        html(submit(&ada.client, &step, &[]).await, 404);
        let done = leads_to(submit(&root, &step, &[]).await);
        let page = open(&root, &done).await;
        shows(&page, &["The person has no second factor any more"]);
        hides(&page, &["Reset the second factor"]);
        assert_eq!(leads_to(ada.client.get("/account").send().await), "/login?next=/account");
        assert_eq!(leads_to(log_in(&setup.anonymous(), "ada", "").await), "/");
        // Another operator who comes later changes nothing.
        assert_eq!(leads_to(submit(&root, &step, &[]).await), person);
    }
}
