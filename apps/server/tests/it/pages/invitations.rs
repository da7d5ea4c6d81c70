//! Inviting people.

use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use super::support::{hides, html, leads_to, open, shows, submit, value};
use crate::http::support::{RANDOM_ID, Setup};

const ONE: [(&str, &str); 3] = [
    ("email", "bob@example.com"),
    ("role", "member"),
    ("expires_in_days", "3"),
];

each_database! {
    async fn an_invitation_shows_its_link_once(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        shows(&open(&ada, "/o/alpha/members/invitations").await, &["No invitations yet"]);
        shows(&open(&ada, "/o/alpha/members/invite").await, &["<option value=\"owner\">", "Make a link"]);
        let page = html(submit(&ada, "/o/alpha/members/invite", &ONE).await, 200);
        shows(&page, &["data-copy=\"link\"", "readonly", "bob@example.com"]);
        let link = value(&page, "link");
        assert!(link.contains("/invitations/accept#token=tnti_"), "{link}");
        let list = open(&ada, "/o/alpha/members/invitations").await;
        shows(&list, &["bob@example.com", "Waiting", "New link", "Revoke"]);
        hides(&list, &["tnti_"]);
    }

    async fn mistakes_come_back_beside_their_fields(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let fields = [("email", "<i>bob"), ("role", "viewer"), ("expires_in_days", "31")];
        let page = html(submit(&ada, "/o/alpha/members/invite", &fields).await, 422);
        shows(&page, &["value=\"&#60;i&#62;bob\"", "email-error", "expires_in_days-error", "value=\"31\""]);
        hides(&page, &["<i>bob", "max_uses-error"]);
        let fields = [("link_role", "admin"), ("max_uses", "5")];
        let page = html(submit(&ada, "/o/alpha/members/invite/link", &fields).await, 422);
        shows(&page, &["link_role-error", "value=\"5\""]);
        let own = [("email", "ada@example.com"), ("role", "viewer")];
        let page = html(submit(&ada, "/o/alpha/members/invite", &own).await, 422);
        shows(&page, &["This person is a member already."]);
    }

    async fn an_invitation_is_sent_again_and_revoked(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        html(submit(&ada, "/o/alpha/members/invite", &ONE).await, 200);
        let list = open(&ada, "/o/alpha/members/invitations").await;
        let (before, _) = list.split_once("/revoke").expect("an invitation");
        let (_, one) = before.rsplit_once('"').expect("its address");
        let again = html(submit(&ada, &format!("{one}/resend"), &[]).await, 200);
        shows(&again, &["#token=tnti_"]);
        let revoke = format!("{one}/revoke");
        shows(&open(&ada, &revoke).await, &["invitation for bob@example.com?"]);
        let path = leads_to(submit(&ada, &revoke, &[]).await);
        let list = open(&ada, &path).await;
        shows(&list, &["The invitation was revoked.", "Revoked"]);
        hides(&list, &["New link", "/revoke"]);
        let late = html(submit(&ada, &format!("{one}/resend"), &[]).await, 422);
        shows(&late, &["Make a new one."]);
        hides(&open(&ada, "/o/alpha/members/invitations?status=pending").await, &["bob@example.com"]);
    }

    async fn only_admins_see_invitations_and_a_foreign_one_is_unknown(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let eve = setup.member("alpha", "eve", Role::Member).await;
        for path in ["/o/alpha/members/invitations", "/o/alpha/members/invite"] {
            html(eve.get(path).send().await, 403);
        }
        html(submit(&eve, "/o/alpha/members/invite", &ONE).await, 403);
        html(submit(&ada, "/o/alpha/members/invite", &ONE).await, 200);
        let list = open(&ada, "/o/alpha/members/invitations").await;
        let (before, _) = list.split_once("/revoke").expect("an invitation");
        let (_, id) = before.rsplit_once('/').expect("its id");
        setup.organization(&eve, "beta").await;
        for id in [id, RANDOM_ID] {
            html(eve.get(&format!("/o/beta/members/invitations/{id}/revoke")).send().await, 404);
            html(submit(&eve, &format!("/o/beta/members/invitations/{id}/resend"), &[]).await, 404);
        }
    }

    async fn pages_and_the_api_share_the_limit_of_invitations(db: TestDatabase) {
        let limit = [("TENANTRY__LIMITS__INVITATIONS_PER_HOUR", "2")];
        let setup = Setup::with_env(db, &limit).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let link = [("link_role", "viewer")];
        html(submit(&ada, "/o/alpha/members/invite/link", &link).await, 200);
        html(submit(&ada, "/o/alpha/members/invite", &ONE).await, 200);
        shows(&html(submit(&ada, "/o/alpha/members/invite", &ONE).await, 429), &["Too many"]);
        let path = format!("/api/organizations/{alpha}/invitations");
        let refused = ada.post(&path, serde_json::json!({"role": "viewer"})).send().await;
        assert_eq!(refused.expect(429).problem_code(), "rate_limited");
    }
}
