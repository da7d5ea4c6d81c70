//! The pages of an account.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use super::support::{hides, html, leads_to, open, shows, submit};
use crate::http::support::{RANDOM_ID, Setup, items, text};

each_database! {
    async fn a_token_is_revoked_after_a_page_that_says_what_ends(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let acme = setup.organization(&ada, "acme").await;
        let new = json!({"name": "<b>CI</b>", "organization_id": acme});
        let token = text(&ada.post("/api/tokens", new).send().await.expect(201).json()["id"]);
        let step = format!("/account/tokens/{token}/revoke");
        shows(&open(&ada, "/account/tokens").await, &[&step]);
        let page = open(&ada, &step).await;
        shows(&page, &["Revoke the token &#60;b&#62;CI", "was not used yet", "are refused from then on"]);
        let eve = setup.user("eve").await;
        html(eve.get(&step).send().await, 404);
        html(ada.get(&format!("/account/tokens/{RANDOM_ID}/revoke")).send().await, 404);
        assert_eq!(items(&ada.get("/api/tokens").send().await.expect(200), "id"), [token]);
        let revoked = submit(&ada, &step, &[]).await;
        assert_eq!(leads_to(revoked), "/account/tokens?done=token-revoked");
        html(ada.get(&step).send().await, 404);
    }

    async fn another_session_is_ended_after_a_page_that_says_which(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let other = setup.login("ada").await;
        let sessions = other.get("/api/auth/sessions").send().await.expect(200);
        let first = items(&sessions, "id").pop().expect("the first one");
        let step = format!("/account/sessions/{first}/end");
        shows(&open(&other, "/account/sessions").await, &[&step]);
        shows(&open(&other, &step).await, &["End the session?", "last seen", "Your other sessions"]);
        let eve = setup.user("eve").await;
        html(eve.get(&step).send().await, 404);
        ada.get("/api/auth/me").send().await.expect(200);
        let ended = submit(&other, &step, &[]).await;
        assert_eq!(leads_to(ended), "/account/sessions?done=session-ended");
        ada.get("/api/auth/me").send().await.expect(401);
        other.get("/api/auth/me").send().await.expect(200);
    }

    async fn the_picker_shows_the_organization_of_the_session_on_every_page(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        shows(&open(&ada, "/account").await, &["<summary>Organizations</summary>"]);
        setup.organization(&ada, "acme").await;
        shows(&open(&ada, "/account").await, &["<summary>acme</summary>"]);
        let bob = setup.user("bob").await;
        setup.organization(&bob, "globex").await;
        setup.join("globex", "ada", Role::Viewer).await;
        submit(&ada, "/o/globex/switch", &[]).await;
        let page = open(&ada, "/account").await;
        shows(&page, &["<summary>globex</summary>"]);
        hides(&page, &["<summary>acme</summary>"]);
        // A page of another organization shows that one.
        shows(&open(&ada, "/o/acme").await, &["<summary>acme</summary>"]);
    }
}
