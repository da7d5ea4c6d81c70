//! The settings of an organization, and its deletion.

use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use super::support::{hides, html, leads_to, open, shows, submit, value};
use crate::http::support::Setup;

each_database! {
    async fn a_viewer_reads_settings_and_finds_no_form(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let eve = setup.member("alpha", "eve", Role::Viewer).await;
        let page = open(&eve, "/o/alpha/settings").await;
        shows(&page, &["Time zone", "UTC", "Early access"]);
        hides(&page, &["action=\"/o/alpha/settings", "Danger zone"]);
        html(submit(&eve, "/o/alpha/settings/name", &[("name", "x")]).await, 403);
        html(eve.get("/o/alpha/settings/delete").send().await, 403);
    }

    async fn an_admin_changes_name_preferences_and_features(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let adam = setup.member("alpha", "adam", Role::Admin).await;
        let page = open(&adam, "/o/alpha/settings").await;
        shows(&page, &["<option value=\"Europe/Zurich\">"]);
        hides(&page, &["Danger zone", "checked"]);
        let path = leads_to(submit(&adam, "/o/alpha/settings/name", &[("name", "<i>\"A")]).await);
        let page = open(&adam, &path).await;
        shows(&page, &["The name was changed.", "value=\"&#60;i&#62;&#34;A\""]);
        hides(&page, &["<i>"]);
        html(submit(&adam, "/o/alpha/settings/name", &[("name", " ")]).await, 422);

        let wrong = [("locale", "klingon"), ("timezone", "Mars/Base"), ("weekly_digest", "on")];
        let page = html(submit(&adam, "/o/alpha/settings", &wrong).await, 422);
        shows(&page, &["locale-error", "timezone-error", "value=\"Mars/Base\"", "checked"]);
        let right = [("locale", "de-ch"), ("timezone", "Europe/Zurich"), ("weekly_digest", "on")];
        let path = leads_to(submit(&adam, "/o/alpha/settings", &right).await);
        let page = open(&adam, &path).await;
        shows(&page, &["The settings were saved.", "checked"]);
        assert_eq!((value(&page, "locale"), value(&page, "timezone")), ("de-CH".into(), "Europe/Zurich".into()));
    }

    async fn an_owner_deletes_the_organization_with_its_slug(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        setup.member("alpha", "bob", Role::Member).await;
        setup.project(&ada, "alpha", "One").await;
        shows(&open(&ada, "/o/alpha/settings").await, &["/o/alpha/settings/delete"]);
        let page = open(&ada, "/o/alpha/settings/delete").await;
        shows(&page, &["1 project<", "2 memberships"]);
        let page = html(submit(&ada, "/o/alpha/settings/delete", &[("confirm_slug", "Alpha")]).await, 422);
        shows(&page, &["confirm_slug-error", "value=\"Alpha\""]);
        let path = leads_to(submit(&ada, "/o/alpha/settings/delete", &[("confirm_slug", "alpha")]).await);
        shows(&open(&ada, &path).await, &["The organization was deleted."]);
        html(ada.get("/o/alpha").send().await, 404);
    }
}
