//! The members of an organization.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::{ApiClient, each_database};

use super::support::{hides, html, leads_to, open, shows, submit};
use crate::http::support::{RANDOM_ID, Setup, assert_same, text};

const MARKUP: &str = "<b>Eve</b> \"&' {{ 7 }}";
const ESCAPED: &str = "&#60;b&#62;Eve&#60;/b&#62; &#34;&#38;&#39; {{ 7 }}";

/// The id of the membership of the person with that name.
async fn member(client: &ApiClient, organization: &str, name: &str) -> String {
    let path = format!("/api/organizations/{organization}/members?q={name}@example.com");
    let list = client.get(&path).send().await.expect(200);
    text(&list.json()["items"][0]["id"])
}

each_database! {
    async fn a_viewer_sees_people_and_no_way_to_change_them(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let eve = setup.member("alpha", "eve", Role::Viewer).await;
        eve.patch("/api/auth/me", json!({"name": MARKUP})).send().await.expect(200);
        let page = open(&eve, "/o/alpha/members").await;
        shows(&page, &["ada@example.com", "Owner", "Viewer", ESCAPED, "/o/alpha/members/leave"]);
        hides(&page, &["<b>Eve", "Invite people", "Manage", "/members/invitations"]);
        let one = format!("/o/alpha/members/{}", member(&ada, &alpha, "ada").await);
        hides(&open(&eve, &one).await, &["action=\"/o/alpha/members", "remove", "transfer"]);
        let denied = submit(&eve, &one, &[("role", "viewer")]).await;
        shows(&html(denied, 403), &["Not allowed"]);
    }

    async fn the_list_is_filtered_by_its_address(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        for number in 0..21 {
            setup.member("alpha", &format!("bob{number}"), Role::Member).await;
        }
        let page = open(&ada, "/o/alpha/members?q=bob&role=member&is_active=true").await;
        shows(&page, &["bob20@example.com", "value=\"bob\"", "Next page"]);
        hides(&page, &["ada@example.com</small>", "bob0@example.com", "First page"]);
        let (before, _) = page.split_once("\" rel=\"next\"").expect("a next page");
        let (_, next) = before.rsplit_once("href=\"").expect("its address");
        let page = open(&ada, &next.replace("&#38;", "&")).await;
        shows(&page, &["bob0@example.com", "First page"]);
        hides(&page, &["bob20@example.com", "Next page"]);
        let page = open(&ada, "/o/alpha/members?q=&role=admin&is_active=").await;
        shows(&page, &["No member matches"]);
    }

    async fn an_admin_changes_roles_and_removes_but_not_owners(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let adam = setup.member("alpha", "adam", Role::Admin).await;
        setup.member("alpha", "bob", Role::Viewer).await;
        let bob = format!("/o/alpha/members/{}", member(&ada, &alpha, "bob").await);
        let page = open(&adam, &bob).await;
        shows(&page, &["<option value=\"admin\">", "<option value=\"viewer\" selected>", &format!("{bob}/remove")]);
        hides(&page, &["<option value=\"owner\"", "/transfer"]);
        let wrong = html(submit(&adam, &bob, &[("role", "king")]).await, 422);
        shows(&wrong, &["aria-invalid", "role-error", "autofocus"]);
        let path = leads_to(submit(&adam, &bob, &[("role", "member")]).await);
        assert_eq!(path, "/o/alpha/members?done=role-changed");
        shows(&open(&adam, &path).await, &["The role was changed."]);

        let owner = format!("/o/alpha/members/{}", member(&ada, &alpha, "ada").await);
        hides(&open(&adam, &owner).await, &["<select", "/remove"]);
        html(adam.get(&format!("{owner}/remove")).send().await, 403);
        html(submit(&adam, &format!("{owner}/remove"), &[]).await, 403);
        let remove = format!("{bob}/remove");
        shows(&open(&adam, &remove).await, &["Remove bob?", "API tokens"]);
        let path = leads_to(submit(&adam, &remove, &[]).await);
        assert_eq!(path, "/o/alpha/members?done=member-removed");
        html(adam.get(&bob).send().await, 404);
    }

    async fn the_last_owner_stays_and_can_transfer_the_organization(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let bob = setup.member("alpha", "bob", Role::Viewer).await;
        shows(&open(&ada, "/o/alpha/members/leave").await, &["Leave alpha?"]);
        let stays = html(submit(&ada, "/o/alpha/members/leave", &[]).await, 422);
        shows(&stays, &["without an active owner"]);
        let own = format!("/o/alpha/members/{}", member(&ada, &alpha, "ada").await);
        let stays = html(submit(&ada, &own, &[("role", "admin")]).await, 422);
        shows(&stays, &["without an active owner", "<option value=\"admin\" selected>"]);
        let refused = submit(&ada, &format!("{own}/transfer"), &[]).await;
        shows(&html(refused, 422), &["You are the owner already"]);

        let transfer = format!("/o/alpha/members/{}/transfer", member(&ada, &alpha, "bob").await);
        html(bob.get(&transfer).send().await, 403);
        shows(&open(&ada, &transfer).await, &["to bob?", "you become an admin"]);
        let path = leads_to(submit(&ada, &transfer, &[]).await);
        shows(&open(&ada, &path).await, &["The organization has a new owner"]);
        let path = leads_to(submit(&ada, "/o/alpha/members/leave", &[]).await);
        assert_eq!(path, "/organizations?done=left");
        html(ada.get("/o/alpha/members").send().await, 404);
    }

    async fn a_foreign_member_is_as_unknown_as_a_random_one(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let eve = setup.user("eve").await;
        setup.organization(&eve, "beta").await;
        let foreign = member(&ada, &alpha, "ada").await;
        for page in ["", "/remove", "/transfer"] {
            let of = |id: &str| format!("/o/beta/members/{id}{page}");
            let known = eve.get(&of(&foreign)).send().await.expect(404);
            let random = eve.get(&of(RANDOM_ID)).send().await.expect(404);
            assert_same_page(&known, &random);
            let known = submit(&eve, &of(&foreign), &[("role", "viewer")][..usize::from(page.is_empty())]).await;
            assert_same_page(&known.expect(404), &random);
        }
        let closed = eve.get("/o/alpha/members").send().await.expect(404);
        let missing = eve.get("/o/nowhere/members").send().await.expect(404);
        assert_same_page(&closed, &missing);
    }
}

/// Equal but for the request's id, which the page shows.
#[track_caller]
fn assert_same_page(one: &tenantry_testkit::Answer, other: &tenantry_testkit::Answer) {
    let without_id = |answer: &tenantry_testkit::Answer| {
        let id = answer.header("x-request-id").expect("an id").to_owned();
        let mut answer = answer.clone();
        let body = String::from_utf8(answer.body).expect("text");
        answer.body = body.replace(&id, "").into_bytes();
        answer
    };
    assert_same(&without_id(one), &without_id(other));
}
