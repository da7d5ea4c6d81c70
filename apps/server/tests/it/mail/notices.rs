//! What people are notified of.

use serde_json::json;
use tenantry_core::access::{Actor, Role};
use tenantry_testkit::each_database;

use super::setup::{MailSetup, reset};
use crate::http::{
    second_factor::Person,
    support::{PASSWORD, text},
};

each_database! {
    async fn a_changed_password_is_notified_and_a_reset_one_too(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        let new = "another horse battery";
        let change = json!({"current_password": PASSWORD, "new_password": new});
        ada.post("/api/auth/password", change).send().await.expect(204);
        let sent = mail.mails.wait("ada@example.com", "Your password was changed", 1).await;
        assert!(sent[0].text.contains("Hello ada,"), "{}", sent[0].text);
        assert!(sent[0].text.contains("/forgot"), "{}", sent[0].text);
        assert!(sent[0].html.contains("/forgot"), "{}", sent[0].html);

        let secret = mail.forgot("ada", 1).await;
        reset(&mail.setup.anonymous(), &secret, PASSWORD).await.expect(204);
        mail.mails.wait("ada@example.com", "Your password was reset", 1).await;
        let app = &mail.setup.server.app;
        let email = "ada@example.com".parse().expect("an address");
        let id = app.users.find_by_email(&email).await.expect("found").expect("there").id;
        let password = PASSWORD.parse().expect("a password");
        app.users.reset_password(id, password, Actor::command_line()).await.expect("reset");
        mail.mails.wait("ada@example.com", "Your password was reset", 2).await;
    }

    async fn changes_of_second_factors_are_notified(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let setup = &mail.setup;
        let ada = Person::new(setup, "ada").await;
        let wait = async |subject: &str| mail.mails.wait("ada@example.com", subject, 1).await;
        let sent = wait("A second factor was set up").await;
        assert!(sent[0].text.contains("/forgot"), "{}", sent[0].text);
        let code = json!({"code": ada.recovery[0]});
        ada.client.post("/api/auth/mfa/verify", code).send().await.expect(204);
        wait("A recovery code was used").await;
        let current = json!({"current_password": PASSWORD});
        ada.client.post("/api/auth/mfa/recovery-codes", current).send().await.expect(200);
        wait("There are new recovery codes").await;
        let proofs = json!({"current_password": PASSWORD, "code": ada.code(setup).await});
        ada.client.delete("/api/auth/mfa/totp").json(proofs).send().await.expect(204);
        wait("A second factor was removed").await;

        let ada = Person::enrol(setup.login("ada").await, "ada").await;
        let users = &setup.server.app.users;
        let email = "ada@example.com".parse().expect("an address");
        let id = users.find_by_email(&email).await.expect("found").expect("there").id;
        users.reset_second_factors(id, Actor::command_line()).await.expect("reset");
        wait("Your second factors were removed").await;
        mail.settled().await;
        for mail in mail.mails.all() {
            assert!(!ada.recovery.iter().any(|code| mail.text.contains(code)), "{}", mail.text);
        }
    }

    async fn a_member_is_notified_of_a_new_role_and_of_a_removal(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        let organization = mail.setup.organization(&ada, "acme").await;
        mail.setup.member("acme", "bob", Role::Viewer).await;
        let path = format!("/api/organizations/{organization}/members");
        let members = ada.get(&path).send().await.expect(200).json();
        let members = members["items"].as_array().expect("a list");
        let bob = members.iter().find(|member| member["user_email"] == "bob@example.com");
        let path = format!("{path}/{}", text(&bob.expect("a member")["id"]));
        ada.patch(&path, json!({"role": "admin"})).send().await.expect(200);
        let sent = mail.mails.wait("bob@example.com", "Your role in acme", 1).await;
        assert!(sent[0].text.contains("You are admin now."), "{}", sent[0].text);
        ada.raw("DELETE", &path).send().await.expect(204);
        let subject = "You are no longer a member of acme";
        mail.mails.wait("bob@example.com", subject, 1).await;
        mail.settled().await;
        // The mails are for the person and no one else.
        assert_eq!(mail.mails.all().len(), 2);
    }

    async fn a_person_who_leaves_gets_no_notice(db: TestDatabase) {
        let mail = MailSetup::new(db).await;
        let ada = mail.setup.user("ada").await;
        let organization = mail.setup.organization(&ada, "acme").await;
        let bob = mail.setup.member("acme", "bob", Role::Viewer).await;
        let path = format!("/api/organizations/{organization}/leave");
        bob.raw("POST", &path).send().await.expect(204);
        mail.settled().await;
        assert!(mail.mails.all().is_empty());
    }
}
