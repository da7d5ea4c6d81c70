//! The plan of an organization, its limits and its use.

use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use super::support::{hides, html, open, shows};
use crate::http::support::Setup;

each_database! {
    async fn limits_and_use_are_bars_with_text(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let page = open(&ada, "/o/alpha/billing").await;
        shows(&page, &["Unlimited", "Members: 1, no limit", "Projects: 0, no limit"]);
        hides(&page, &["<progress"]);
        setup.database.execute("UPDATE organizations SET seat_limit = 4, project_limit = 1").await;
        setup.project(&ada, "alpha", "One").await;
        let page = open(&ada, "/o/alpha/billing").await;
        shows(&page, &["Limited", "Members: 1 of 4", "max=\"4\" value=\"1\"", "Projects: 1 of 1", "The limit is reached"]);
    }

    async fn members_find_no_link_to_billing(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let eve = setup.member("alpha", "eve", Role::Member).await;
        hides(&open(&eve, "/o/alpha").await, &["/billing", "/audit-log"]);
        html(eve.get("/o/alpha/billing").send().await, 403);
    }
}
