//! Deleting an organization over HTTP.

use std::time::Duration;

use serde_json::json;
use tenantry_core::access::{Actor, Role};
use tenantry_testkit::{TestDatabase, each_database};
use tokio::time::sleep;

use crate::http::support::{RANDOM_ID, Setup, assert_same};

/// Waits for the background deletion, for a minute at most.
async fn until_gone(database: &TestDatabase, slug: &str) {
    let sql = format!("SELECT count(*) FROM organizations WHERE slug = '{slug}'");
    for _ in 0..3_000 {
        if database.number(&sql).await == 0 {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{slug} still exists");
}

each_database! {
    async fn an_owner_confirms_with_the_slug_and_everything_is_deleted(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        setup.project(&ada, "acme", "Rocket").await;
        let admin = setup.member("acme", "bob", Role::Admin).await;
        setup.organization(&setup.user("cyd").await, "globex").await;
        let path = format!("/api/organizations/{acme}");
        let delete = |slug: &str| ada.raw("DELETE", &path).json(json!({"confirm_slug": slug})).send();

        let confirmed = json!({"confirm_slug": "acme"});
        admin.raw("DELETE", &path).json(confirmed).send().await.expect(403);
        let wrong = delete("globex").await.expect(422);
        assert_eq!(wrong.problem_code(), "confirm_slug_mismatch");
        ada.raw("DELETE", &path).json(json!({})).send().await.expect(422);
        ada.get(&path).send().await.expect(200);

        delete("acme").await.expect(204);
        let no_id = ada.get(&format!("/api/organizations/{RANDOM_ID}")).send().await;
        assert_same(&ada.get(&path).send().await, &no_id);
        assert_same(&delete("acme").await, &no_id);
        until_gone(&setup.database, "acme").await;
        assert_eq!(setup.database.number("SELECT count(*) FROM projects").await, 0);
        assert_eq!(setup.database.number("SELECT count(*) FROM organization_members").await, 1);
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["memberships"], json!([]));
        let again = json!({"name": "Acme", "slug": "acme"});
        let taken = ada.post("/api/organizations", again).send().await.expect(409);
        assert_eq!(taken.problem_code(), "slug_taken");
    }

    async fn a_server_resumes_an_unfinished_deletion(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "acme").await;
        setup.project(&ada, "acme", "Rocket").await;
        let organizations = &setup.server.app.organizations;
        let found = organizations.directory.find_by_slug(&"acme".parse().expect("valid")).await;
        let acme = found.expect("found").expect("there").id;
        // Marked for deletion, with no task that erases it.
        organizations.deletion.mark_for_deletion_as(acme, Actor::system()).await.expect("marked for deletion");
        assert_eq!(setup.database.number("SELECT count(*) FROM projects").await, 1);
        let Setup { server, database } = setup;
        server.stop().await;

        let setup = Setup::new(database).await;
        until_gone(&setup.database, "acme").await;
        assert_eq!(setup.database.number("SELECT count(*) FROM projects").await, 0);
    }
}
