//! Where an invitation's link leads.

use serde_json::json;
use tenantry_testkit::{Answer, ApiClient, each_database};

use super::support::{hides, html, leads_to, open, shows, submit, value};
use crate::http::{
    second_factor::Person,
    support::{PASSWORD, Setup, text},
};

/// A new invitation into alpha, with its secret.
async fn secret(owner: &ApiClient, alpha: &str, new: serde_json::Value) -> String {
    let path = format!("/api/organizations/{alpha}/invitations");
    let url = text(&owner.post(&path, new).send().await.expect(201).json()["accept_url"]);
    let (_, secret) = url.split_once("#token=").expect("a secret");
    secret.to_owned()
}

async fn preview(client: &ApiClient, token: &str) -> Answer {
    submit(client, "/invitations/accept/preview", &[("token", token)]).await
}

each_database! {
    async fn a_link_leads_to_a_page_that_sends_its_fragment_in_a_form(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let page = open(&setup.anonymous(), "/invitations/accept").await;
        shows(&page, &["<noscript>", "name=\"token\"", "action=\"/invitations/accept/preview\""]);
        let empty = html(preview(&setup.anonymous(), "").await, 422);
        shows(&empty, &["token-error", "<noscript>"]);
        // A secret in an address is not read: it would be in logs.
        hides(&open(&setup.anonymous(), "/invitations/accept?token=tnti_x").await, &["tnti_x"]);
    }

    async fn a_signed_in_person_accepts_with_one_button(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        ada.patch(&format!("/api/organizations/{alpha}"), json!({"name": "<i>Alpha"})).send().await.expect(200);
        let token = secret(&ada, &alpha, json!({"role": "member"})).await;
        let bob = setup.user("bob").await;
        let link = format!("http://tenantry.example/invitations/accept#token={token}");
        let page = html(preview(&bob, &link).await, 200);
        shows(&page, &["Join &#60;i&#62;Alpha", "Member", "Valid until", "bob@example.com", "Accept the invitation"]);
        hides(&page, &["password", "<i>Alpha"]);
        let sent = [("token", value(&page, "token"))];
        let fields = sent.each_ref().map(|(name, value)| (*name, value.as_str()));
        let path = leads_to(submit(&bob, "/invitations/accept", &fields).await);
        assert_eq!(path, "/o/alpha?done=joined");
        shows(&open(&bob, &path).await, &["You are a member now."]);
        let again = submit(&bob, "/invitations/accept", &fields).await;
        shows(&html(again, 409), &["You are a member already"]);
    }

    async fn a_stranger_signs_in_and_comes_back_to_the_invitation(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let token = secret(&ada, &alpha, json!({"role": "viewer"})).await;
        setup.user("bob").await;
        let bob = setup.anonymous();
        let page = html(preview(&bob, &token).await, 200);
        shows(&page, &["Join alpha", "I have an account", "I am new here"]);
        hides(&page, &["Accept the invitation"]);
        // Without a session the button leads to the same forms.
        let page = html(submit(&bob, "/invitations/accept", &[("token", &token)]).await, 200);
        shows(&page, &["I have an account"]);
        let login = |password| [("token", token.as_str()), ("email", "bob@example.com"), ("password", password)];
        let page = html(submit(&bob, "/invitations/accept/login", &login("a wrong password")).await, 422);
        shows(&page, &["is wrong", "value=\"bob@example.com\"", &token]);
        hides(&page, &["a wrong password"]);
        let page = html(submit(&bob, "/invitations/accept/login", &login(PASSWORD)).await, 200);
        shows(&page, &["signed in as bob", "Accept the invitation", &token]);
        let path = leads_to(submit(&bob, "/invitations/accept", &[("token", &token)]).await);
        assert_eq!(path, "/o/alpha?done=joined");
    }

    async fn the_invitation_survives_the_second_step_of_a_login(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let token = secret(&ada, &alpha, json!({"role": "viewer"})).await;
        let person = Person::new(&setup, "bob").await;
        let bob = setup.anonymous();
        let login = [("token", token.as_str()), ("email", "bob@example.com"), ("password", PASSWORD)];
        let begin = async || html(submit(&bob, "/invitations/accept/login", &login).await, 200);
        let send = async |code: &str| {
            submit(&bob, "/invitations/accept/code", &[("token", token.as_str()), ("code", code)]).await
        };
        let page = begin().await;
        shows(&page, &["Your second factor", "name=\"code\"", &token, "Start again"]);
        hides(&page, &["signed in as"]);
        let page = html(send("12345").await, 422);
        shows(&page, &["code-error", &token]);
        for _ in 0..4 {
            let page = html(send(&"aaaa".repeat(6)).await, 422);
            shows(&page, &["is wrong, or was used before", &token]);
        }
        // The fifth ends the login, and the invitation is there to begin again.
        let page = html(send(&"aaaa".repeat(6)).await, 422);
        shows(&page, &["too many wrong codes", "I have an account", &token]);
        begin().await;
        let page = html(send(&person.recovery[0]).await, 200);
        shows(&page, &["signed in as bob", "Accept the invitation", &token]);
        let path = leads_to(submit(&bob, "/invitations/accept", &[("token", &token)]).await);
        assert_eq!(path, "/o/alpha?done=joined");
        let lost = html(submit(&bob, "/invitations/accept/code", &[("code", "123456")]).await, 422);
        shows(&lost, &["action=\"/invitations/accept/preview\""]);
    }

    async fn a_stranger_signs_up_and_is_a_member(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let token = secret(&ada, &alpha, json!({"role": "viewer", "email": "bob@example.com"})).await;
        let bob = setup.anonymous();
        let account = |email, password| {
            [("token", token.as_str()), ("name", "Bob"), ("new_email", email), ("new_password", password)]
        };
        let sign_up = async |email, password| submit(&bob, "/invitations/accept/signup", &account(email, password)).await;
        let short = html(sign_up("bob@example.com", "short").await, 422);
        shows(&short, &["new_password-error", "value=\"Bob\"", &token]);
        hides(&short, &["\"short\""]);
        let other = html(sign_up("eve@example.com", PASSWORD).await, 422);
        shows(&other, &["new_email-error", "is not the address that was invited"]);
        let path = leads_to(sign_up("bob@example.com", PASSWORD).await);
        assert_eq!(path, "/?done=joined");
        assert_eq!(leads_to(bob.get(&path).send().await), "/o/alpha?done=joined");
    }

    async fn another_account_dead_links_and_a_full_organization_have_their_own_pages(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let bob = setup.user("bob").await;
        let for_eve = secret(&ada, &alpha, json!({"role": "viewer", "email": "eve@example.com"})).await;
        let page = html(submit(&bob, "/invitations/accept", &[("token", &for_eve)]).await, 403);
        shows(&page, &["for another e-mail address than bob@example.com", "I have an account", &for_eve]);

        let link = secret(&ada, &alpha, json!({"role": "viewer"})).await;
        setup.database.execute("UPDATE organizations SET seat_limit = 1").await;
        let page = html(submit(&bob, "/invitations/accept", &[("token", &link)]).await, 409);
        shows(&page, &["The organization is full"]);
        hides(&page, &[&link]);

        for (change, status, title) in [
            ("expires_at = '2020-01-01T00:00:00+00:00'", 410, "This invitation has expired"),
            ("revoked_at = '2020-01-01T00:00:00+00:00'", 410, "This invitation was withdrawn"),
        ] {
            setup.database.execute(&format!("UPDATE invitations SET {change}")).await;
            for client in [&bob, &setup.anonymous()] {
                shows(&html(preview(client, &link).await, status), &[title]);
            }
        }
        shows(&html(preview(&bob, "tnti_unknown").await, 404), &["This link leads nowhere"]);
    }

    async fn no_form_of_another_site_signs_a_person_in(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let token = secret(&ada, &alpha, json!({"role": "viewer"})).await;
        for path in ["login", "code", "signup"] {
            let call = setup.anonymous().raw("POST", &format!("/invitations/accept/{path}"));
            let call = call.header("Content-Type", "application/x-www-form-urlencoded");
            let sent = call.header("Sec-Fetch-Site", "cross-site").body(format!("token={token}")).send().await;
            assert_eq!(sent.expect(403).header("set-cookie"), None);
        }
    }
}
