//! The projects of an organization.

use tenantry_testkit::each_database;

use super::support::{leads_to, open, shows, submit};
use crate::http::support::Setup;

each_database! {
    async fn a_change_of_several_projects_comes_back_to_the_filtered_list(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let rocket = setup.project(&ada, "alpha", "Rocket").await;
        let path = "/o/alpha/projects?q=Rock&sort=%2Dcreated%5Fat";
        let page = open(&ada, path).await;
        let (_, form) = page.split_once("<form method=\"post\" action=\"/o/alpha/projects/status").expect("a form");
        let (query, _) = form.split_once('"').expect("its address");
        let action = format!("/o/alpha/projects/status{}", query.replace("&#38;", "&"));
        let list = leads_to(submit(&ada, &action, &[("ids", &rocket), ("status", "archived")]).await);
        assert!(list.contains("q=Rock"), "{list}");
        shows(&open(&ada, &list).await, &["The status of the selected projects was changed.", ">Archived<"]);
    }

    async fn a_form_ignores_parameters_that_others_added_to_its_address(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let fields = [("name", "Rocket"), ("status", "draft")];
        let project = leads_to(submit(&ada, "/o/alpha/projects/new?utm_source=mail", &fields).await);
        shows(&open(&ada, &project).await, &["The project was created."]);
    }
}
