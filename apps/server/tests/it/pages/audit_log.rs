//! What was done in an organization.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use super::support::{hides, html, open, shows};
use crate::http::support::{Setup, text};

each_database! {
    async fn entries_are_in_words_with_their_people_and_details(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        ada.patch("/api/auth/me", json!({"name": "<i>Ada"})).send().await.expect(200);
        setup.organization(&ada, "alpha").await;
        setup.project(&ada, "alpha", "<b>One").await;
        let page = open(&ada, "/o/alpha/audit-log").await;
        shows(&page, &["Project created", "projects.project_created", "Organization created", "&#60;i&#62;Ada"]);
        shows(&page, &["<dt>Name</dt><dd>&#60;b&#62;One</dd>", "<dt>Request</dt>"]);
        hides(&page, &["<b>One", "<i>Ada", "<dt>Organization id</dt>"]);
    }

    async fn the_log_is_filtered_by_its_address(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let adam = setup.member("alpha", "adam", Role::Admin).await;
        let id = text(&adam.get("/api/auth/me").send().await.expect(200).json()["id"]);
        setup.project(&ada, "alpha", "One").await;
        setup.project(&adam, "alpha", "Two").await;
        let log = async |filter: &str| open(&adam, &format!("/o/alpha/audit-log?{filter}")).await;
        let page = log("action=projects.project_created&actor=&from=&to=").await;
        shows(&page, &["<dd>One</dd>", "<dd>Two</dd>", "value=\"projects.project_created\" selected"]);
        hides(&page, &["<code>organizations.member_joined</code>"]);
        let page = log(&format!("actor={id}")).await;
        shows(&page, &["<dd>Two</dd>", &format!("value=\"{id}\" selected")]);
        hides(&page, &["<dd>One</dd>"]);
        shows(&log("from=2020-01-01&to=2020-01-02").await, &["Nothing in the log matches", "value=\"2020-01-02\""]);
        shows(&log("from=2020-01-01").await, &["<dd>One</dd>"]);
        html(adam.get("/o/alpha/audit-log?from=1.1.2020").send().await, 422);
    }

    async fn an_entry_shows_what_changed_and_who_did_it_by_name_and_address(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let path = format!("/api/organizations/{alpha}");
        ada.patch(&path, json!({"name": "Beta & Sons"})).send().await.expect(200);
        let page = open(&ada, "/o/alpha/audit-log?action=organizations.organization_renamed").await;
        shows(&page, &["<dt>Name</dt><dd>alpha → Beta &#38; Sons</dd>", ">ada</a><br><small>ada@example.com</small>"]);
        hides(&page, &["By the server", "The system"]);
    }

    async fn only_admins_read_the_log(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let eve = setup.member("alpha", "eve", Role::Member).await;
        html(eve.get("/o/alpha/audit-log").send().await, 403);
    }
}
