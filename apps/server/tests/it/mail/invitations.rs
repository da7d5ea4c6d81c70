//! Invitations that are mailed, and those that a person received.

use std::sync::Arc;

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_testkit::{Answer, ApiClient, TestFailpoints, each_database};

use super::setup::{MailSetup, VERIFICATION, me, verify};
use crate::http::support::{PASSWORD, RANDOM_ID, assert_same, text};

const SUBJECT: &str = "Join acme";

/// An organization, its owner and the path of its invitations.
struct Acme {
    mail: MailSetup,
    owner: ApiClient,
    path: String,
}

impl Acme {
    async fn new(mail: MailSetup) -> Self {
        let owner = mail.setup.user("ada").await;
        let id = mail.setup.organization(&owner, "acme").await;
        let path = format!("/api/organizations/{id}/invitations");
        Self { mail, owner, path }
    }

    async fn invite(&self, name: &str) -> Value {
        let new = json!({"email": format!("{name}@example.com"), "role": "member"});
        let sent = self.owner.post(&self.path, new).send().await;
        sent.expect(201).json()
    }

    /// A new user whose address is confirmed.
    async fn verified(&self, name: &str) -> ApiClient {
        let client = self.mail.setup.user(name).await;
        let sql =
            format!("UPDATE users SET email_verified = true WHERE email = '{name}@example.com'");
        assert_eq!(self.mail.setup.database.execute(&sql).await, 1);
        client
    }

    /// The status of the newest invitation.
    async fn status(&self) -> Value {
        let list = self.owner.get(&self.path).send().await.expect(200).json();
        list["items"][0]["status"].clone()
    }
}

async fn received(client: &ApiClient) -> Vec<Value> {
    let list = client
        .get("/api/invitations")
        .send()
        .await
        .expect(200)
        .json();
    list["items"].as_array().expect("a list").clone()
}

async fn answer(client: &ApiClient, id: &Value, what: &str) -> Answer {
    let path = format!("/api/invitations/{}/{what}", text(id));
    client.raw("POST", &path).send().await
}

async fn accept(client: &ApiClient, secret: &str) -> Answer {
    let body = json!({"token": secret});
    client.post("/api/invitations/accept", body).send().await
}

each_database! {
    async fn an_invitation_to_an_address_is_mailed_and_its_link_confirms_the_address(db: TestDatabase) {
        let acme = Acme::new(MailSetup::new(db).await).await;
        let sent = acme.invite("bob").await;
        assert_eq!(sent["mailed"], true);
        let secret = acme.mail.secret("bob", SUBJECT, 1).await;
        // The mail has a secret that its inviter does not see.
        let shown = text(&sent["accept_url"]);
        let (_, shown) = shown.split_once("#token=").expect("a secret");
        assert_ne!(shown, secret);
        let mail = &acme.mail.mails.to("bob@example.com", SUBJECT)[0];
        assert!(mail.text.contains("ada invites you to join acme as member."), "{}", mail.text);

        let bob = acme.mail.setup.user("bob").await;
        accept(&bob, &secret).await.expect(200);
        assert_eq!(me(&bob).await.json()["email_verified"], true);
        accept(&bob, shown).await.expect(410);
    }

    async fn the_link_that_the_inviter_sees_confirms_no_address(db: TestDatabase) {
        let acme = Acme::new(MailSetup::new(db).await).await;
        let sent = acme.invite("bob").await;
        let shown = text(&sent["accept_url"]);
        let (_, shown) = shown.split_once("#token=").expect("a secret");
        let bob = acme.mail.setup.user("bob").await;
        accept(&bob, shown).await.expect(200);
        assert_eq!(me(&bob).await.json()["email_verified"], false);
    }

    async fn a_signup_with_the_mailed_link_confirms_the_address_too(db: TestDatabase) {
        let required = [("TENANTRY__AUTH__EMAIL_VERIFICATION", "required")];
        let mail = MailSetup::with_env(db, &required).await;
        let owner = mail.setup.anonymous();
        let account = |name: &str, token: Option<&str>| {
            json!({
                "email": format!("{name}@example.com"), "name": name, "password": PASSWORD,
                "invitation_token": token,
            })
        };
        owner.post("/api/auth/signup", account("ada", None)).send().await.expect(202);
        let secret = mail.secret("ada", VERIFICATION, 1).await;
        verify(&owner, &secret).await.expect(204);
        let login = json!({"email": "ada@example.com", "password": PASSWORD});
        owner.post("/api/auth/login", login).send().await.expect(200);
        let id = mail.setup.organization(&owner, "acme").await;
        let path = format!("/api/organizations/{id}/invitations");
        let acme = Acme { mail, owner, path };

        acme.invite("bob").await;
        let secret = acme.mail.secret("bob", SUBJECT, 1).await;
        let bob = acme.mail.setup.anonymous();
        let signed_up = bob.post("/api/auth/signup", account("bob", Some(&secret))).send().await;
        assert_eq!(signed_up.expect(201).json()["email_verified"], true);
        bob.get("/api/organizations").send().await.expect(200);

        // With the link that the inviter saw, the address is confirmed by a mail first.
        let sent = acme.invite("eve").await;
        let shown = text(&sent["accept_url"]);
        let (_, shown) = shown.split_once("#token=").expect("a secret");
        let eve = acme.mail.setup.anonymous();
        let signup = eve.post("/api/auth/signup", account("eve", Some(shown))).send().await;
        signup.expect(202);
        let secret = acme.mail.secret("eve", VERIFICATION, 1).await;
        verify(&eve, &secret).await.expect(204);
        let login = json!({"email": "eve@example.com", "password": PASSWORD});
        eve.post("/api/auth/login", login).send().await.expect(200);
        let own = eve.get("/api/organizations").send().await.expect(200).json();
        assert_eq!(own["items"][0]["slug"], "acme");
    }

    async fn a_resent_invitation_is_mailed_again_and_the_older_link_is_dead(db: TestDatabase) {
        let acme = Acme::new(MailSetup::new(db).await).await;
        let sent = acme.invite("bob").await;
        let older = acme.mail.secret("bob", SUBJECT, 1).await;
        let path = format!("{}/{}/resend", acme.path, text(&sent["id"]));
        let again = acme.owner.raw("POST", &path).send().await.expect(200).json();
        assert_eq!(again["mailed"], true);
        let newer = acme.mail.secret("bob", SUBJECT, 2).await;
        let bob = acme.mail.setup.user("bob").await;
        accept(&bob, &older).await.expect(404);
        accept(&bob, &newer).await.expect(200);
    }

    async fn a_link_for_several_people_is_not_mailed(db: TestDatabase) {
        let acme = Acme::new(MailSetup::new(db).await).await;
        let sent = acme.owner.post(&acme.path, json!({"role": "member"})).send().await;
        assert_eq!(sent.expect(201).json()["mailed"], false);
        acme.mail.settled().await;
        assert!(acme.mail.mails.all().is_empty());
    }

    async fn an_invitation_that_is_revoked_before_its_mail_is_sent_is_not_mailed(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let mail = MailSetup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let acme = Acme::new(mail).await;
        let due = failpoints.close("mail.due");
        let sent = acme.invite("bob").await;
        due.reached(1).await;
        let path = format!("{}/{}", acme.path, text(&sent["id"]));
        acme.owner.raw("DELETE", &path).send().await.expect(204);
        due.open();
        acme.mail.settled().await;
        assert!(acme.mail.mails.all().is_empty());
    }

    async fn a_person_sees_the_invitations_to_the_own_confirmed_address_only(db: TestDatabase) {
        let acme = Acme::new(MailSetup::new(db).await).await;
        let sent = acme.invite("bob").await;
        acme.invite("eve").await;
        let link = acme.owner.post(&acme.path, json!({"role": "member"})).send().await;
        link.expect(201);
        let unconfirmed = acme.mail.setup.user("bob").await;
        assert!(received(&unconfirmed).await.is_empty());
        let refused = answer(&unconfirmed, &sent["id"], "accept").await.expect(404);
        assert_eq!(refused.problem_code(), "invitation_not_found");
        let confirm = "UPDATE users SET email_verified = true WHERE email = 'bob@example.com'";
        acme.mail.setup.database.execute(confirm).await;

        let mine = received(&unconfirmed).await;
        assert_eq!(mine.len(), 1, "{mine:?}");
        assert_eq!(mine[0]["id"], sent["id"]);
        assert_eq!(mine[0]["organization"]["slug"], "acme");
        assert_eq!(mine[0]["role"], "member");
        assert_eq!(mine[0]["invited_by_name"], "ada");
        assert!(mine[0].get("token").is_none() && mine[0].get("accept_url").is_none());
        // A foreign invitation and one that does not exist get the same answer.
        let eve = acme.verified("eve2").await;
        let foreign = answer(&eve, &sent["id"], "decline").await.expect(404);
        assert_same(&answer(&eve, &json!(RANDOM_ID), "decline").await, &foreign);
        assert_eq!(acme.status().await, "pending");
    }

    async fn a_received_invitation_is_accepted_without_its_link(db: TestDatabase) {
        let acme = Acme::new(MailSetup::new(db).await).await;
        let sent = acme.invite("bob").await;
        let bob = acme.verified("bob").await;
        let joined = answer(&bob, &sent["id"], "accept").await.expect(200).json();
        assert_eq!(joined["organization"]["slug"], "acme");
        assert!(received(&bob).await.is_empty());
        assert_eq!(answer(&bob, &sent["id"], "accept").await.expect(410).problem_code(), "invitation_used");
        answer(&bob, &sent["id"], "decline").await.expect(410);
    }

    async fn a_declined_invitation_says_so_and_is_of_no_use_any_more(db: TestDatabase) {
        let acme = Acme::new(MailSetup::new(db).await).await;
        let sent = acme.invite("bob").await;
        let secret = acme.mail.secret("bob", SUBJECT, 1).await;
        let bob = acme.verified("bob").await;
        answer(&bob, &sent["id"], "decline").await.expect(204);
        assert!(received(&bob).await.is_empty());
        assert_eq!(acme.status().await, "declined");
        let declined = format!("{}?status=declined", acme.path);
        let list = acme.owner.get(&declined).send().await.expect(200).json();
        assert_eq!(list["items"][0]["id"], sent["id"]);
        for refused in [accept(&bob, &secret).await, answer(&bob, &sent["id"], "accept").await] {
            assert_eq!(refused.expect(410).problem_code(), "invitation_declined");
        }
        let path = format!("{}/{}/resend", acme.path, text(&sent["id"]));
        let refused = acme.owner.raw("POST", &path).send().await.expect(410);
        assert_eq!(refused.problem_code(), "invitation_declined");
        let log = acme.path.replace("invitations", "audit-log");
        let log = acme.owner.get(&log).send().await.expect(200).json();
        let entries = log["items"].as_array().expect("a list");
        let is_declined = |entry: &&Value| entry["action"] == "organizations.invitation_declined";
        assert_eq!(entries.iter().filter(is_declined).count(), 1, "{log}");
        // Another invitation to the address is possible.
        let again = acme.invite("bob").await;
        assert_eq!(received(&bob).await[0]["id"], again["id"]);
    }

    async fn an_invitation_that_can_not_be_accepted_is_not_shown(db: TestDatabase) {
        let acme = Acme::new(MailSetup::new(db).await).await;
        acme.invite("bob").await;
        let bob = acme.verified("bob").await;
        acme.mail.setup.join("acme", "bob", Role::Viewer).await;
        assert!(received(&bob).await.is_empty());
        acme.invite("eve").await;
        let eve = acme.verified("eve").await;
        assert_eq!(received(&eve).await.len(), 1);
        acme.mail.setup.set_active("acme", false).await;
        assert!(received(&eve).await.is_empty());
    }

    async fn of_an_acceptance_and_a_refusal_at_once_one_counts(db: TestDatabase) {
        let failpoints = Arc::new(TestFailpoints::default());
        let mail = MailSetup::with_failpoints(db, Arc::clone(&failpoints) as _).await;
        let acme = Acme::new(mail).await;
        let sent = acme.invite("bob").await;
        let bob = acme.verified("bob").await;
        let found = failpoints.close("invitations.found");
        let (accepted, declined, ()) = tokio::join!(
            answer(&bob, &sent["id"], "accept"),
            answer(&bob, &sent["id"], "decline"),
            async {
                found.reached(2).await;
                found.open();
            }
        );
        let statuses = (accepted.status, declined.status);
        assert!([(200, 410), (410, 204)].contains(&statuses), "{statuses:?}");
    }
}
