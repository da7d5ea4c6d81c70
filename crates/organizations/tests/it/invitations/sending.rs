//! Sending invitations, sending them again, withdrawing them.

use chrono::TimeDelta;
use serde_json::json;
use tenantry_core::{
    access::Role,
    page::{PageRequest, PageSize},
};
use tenantry_organizations::{ExpiresInDays, InvitationStatus, NewInvitation};
use tenantry_testkit::each_database;

use super::{Scene, code, email, secret};

each_database! {
    async fn the_secret_is_in_the_link_and_nowhere_else(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.invite("ada", Role::Member).await;
        let expected = "https://tenantry.example/invitations/accept#token=tnti_";
        assert!(sent.accept_url.starts_with(expected), "{}", sent.accept_url);
        let secret = secret(&sent);
        assert_eq!(secret.expose().len(), 5 + 64);

        let shown = format!("{sent:?} {secret:?}");
        let listed = json!(scene.listed().await).to_string();
        let rows = scene.stage.world.raw.query("SELECT * FROM invitations").await;
        let told = json!(scene.stage.world.events.told()).to_string();
        let random = &secret.expose()[5..];
        for text in [&shown, &listed, &json!(rows).to_string(), &told] {
            assert!(!text.contains(random), "{text}");
        }
        assert!(!told.contains("ada@example.com"), "{told}");
    }

    async fn a_second_invitation_to_an_address_replaces_the_first(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let first = scene.invite("ada", Role::Member).await;
        scene.stage.world.clock.advance(TimeDelta::hours(1));
        let other = NewInvitation::addressed(" ADA@Example.com ".parse().expect("valid"), Role::Viewer);
        let second = scene.send(other).await;
        scene.invite("bob", Role::Member).await;

        let statuses: Vec<_> = scene.listed().await.into_iter().map(|i| (i.id, i.status)).collect();
        assert_eq!(statuses[1..], [
            (second.invitation.id, InvitationStatus::Pending),
            (first.invitation.id, InvitationStatus::Revoked),
        ]);
        let organizations = &scene.stage.organizations;
        assert_eq!(code(organizations.preview(&secret(&first)).await), "invitation_revoked");
        assert_eq!(organizations.preview(&secret(&second)).await.expect("pending").role, Role::Viewer);
        assert_eq!(scene.told("organizations.invitation_revoked"), 1);
    }

    async fn one_organizations_invitation_leaves_anothers_alone(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let first = scene.invite("ada", Role::Member).await;
        let globex = scene.stage.world.organization("globex").await;
        let other = scene.stage.world.member(globex, Role::Owner).await;
        let organizations = &scene.stage.organizations;
        let new = NewInvitation::addressed(email("ada"), Role::Member);
        organizations.invite(&other, new).await.expect("invited");
        organizations.preview(&secret(&first)).await.expect("still pending");

        let id = first.invitation.id;
        assert_eq!(code(organizations.resend(&other, id).await), "invitation_not_found");
        assert_eq!(code(organizations.revoke(&other, id).await), "invitation_not_found");
        let listed = organizations.invitations(&other, &PageRequest::default()).await;
        assert_eq!(listed.expect("listed").items.len(), 1);
    }

    async fn a_member_is_not_invited(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let ada = scene.person("ada").await;
        let sent = scene.invite("ada", Role::Member).await;
        scene.stage.world.join(scene.acme, ada.user(), Role::Viewer).await;
        let organizations = &scene.stage.organizations;
        let new = NewInvitation::addressed(email("ada"), Role::Admin);
        assert_eq!(code(organizations.invite(&scene.owner, new).await), "already_member");
        let again = organizations.resend(&scene.owner, sent.invitation.id).await;
        assert_eq!(code(again), "already_member");
    }

    async fn an_invitation_expires_by_the_clock(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let week = scene.invite("ada", Role::Member).await;
        let days = ExpiresInDays::try_from(2).expect("valid");
        let short = NewInvitation::addressed(email("bob"), Role::Member).expiring_in(days);
        let short = scene.send(short).await;
        let bob = scene.person("bob").await;
        let organizations = &scene.stage.organizations;

        scene.stage.world.clock.advance(TimeDelta::days(2) - TimeDelta::microseconds(1));
        organizations.preview(&secret(&short)).await.expect("pending");
        scene.stage.world.clock.advance(TimeDelta::microseconds(1));
        assert_eq!(code(organizations.preview(&secret(&short)).await), "invitation_expired");
        assert_eq!(code(organizations.accept(&bob, &secret(&short)).await), "invitation_expired");
        organizations.preview(&secret(&week)).await.expect("pending");
        let expired = scene.listed().await.into_iter().find(|i| i.id == short.invitation.id);
        assert_eq!(expired.expect("listed").status, InvitationStatus::Expired);
        assert_eq!(scene.members().await, 1);
    }

    async fn sending_again_makes_a_new_secret_and_ends_the_old_one(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let first = scene.invite("ada", Role::Member).await;
        // Also one that has expired.
        scene.stage.world.clock.advance(TimeDelta::days(8));
        let organizations = &scene.stage.organizations;
        let admin = scene.stage.world.member(scene.acme, Role::Admin).await;
        let second = organizations.resend(&admin, first.invitation.id).await.expect("sent");
        assert_eq!(second.invitation.id, first.invitation.id);
        assert_eq!(second.invitation.status, InvitationStatus::Pending);
        assert_eq!(second.invitation.invited_by, admin.user());
        assert_eq!(second.invitation.expires_at - second.invitation.sent_at, TimeDelta::days(7));

        let ada = scene.person("ada").await;
        assert_eq!(code(organizations.accept(&ada, &secret(&first)).await), "invitation_not_found");
        let joined = organizations.accept(&ada, &secret(&second)).await.expect("joined");
        assert_eq!(joined.invited_by, Some(admin.user()));
        assert_eq!(scene.told("organizations.invitation_resent"), 1);
    }

    async fn what_was_answered_withdrawn_or_is_a_link_is_not_sent_again(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let organizations = &scene.stage.organizations;
        let used = scene.invite("ada", Role::Member).await;
        let ada = scene.person("ada").await;
        organizations.accept(&ada, &secret(&used)).await.expect("joined");
        let revoked = scene.invite("bob", Role::Member).await;
        organizations.revoke(&scene.owner, revoked.invitation.id).await.expect("withdrawn");
        let link = scene.link(2).await;
        for (sent, expected) in [
            (used, "invitation_used"), (revoked, "invitation_revoked"), (link, "invitation_is_link"),
        ] {
            let again = organizations.resend(&scene.owner, sent.invitation.id).await;
            assert_eq!(code(again), expected);
        }
    }

    async fn withdrawing_is_done_once_and_never_undoes_a_membership(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let organizations = &scene.stage.organizations;
        let link = scene.link(2).await;
        let ada = scene.person("ada").await;
        organizations.accept(&ada, &secret(&link)).await.expect("joined");
        for _ in 0..2 {
            organizations.revoke(&scene.owner, link.invitation.id).await.expect("withdrawn");
        }
        assert_eq!(scene.told("organizations.invitation_revoked"), 1);
        let bob = scene.person("bob").await;
        assert_eq!(code(organizations.accept(&bob, &secret(&link)).await), "invitation_revoked");
        assert_eq!(scene.members().await, 2);

        let used = scene.link(1).await;
        organizations.accept(&bob, &secret(&used)).await.expect("joined");
        let refused = organizations.revoke(&scene.owner, used.invitation.id).await;
        assert_eq!(code(refused), "invitation_used");
    }

    async fn invitations_are_listed_newest_first_in_pages(db: TestDatabase) {
        let scene = Scene::new(db).await;
        for name in ["ada", "bob", "cyd"] {
            scene.stage.world.clock.advance(TimeDelta::seconds(1));
            scene.invite(name, Role::Member).await;
        }
        let organizations = &scene.stage.organizations;
        let mut request = PageRequest { limit: PageSize::new(2).expect("valid"), cursor: None };
        let mut names = Vec::new();
        loop {
            let page = organizations.invitations(&scene.owner, &request).await.expect("listed");
            names.extend(page.items.into_iter().map(|i| i.email.expect("addressed").to_string()));
            request.cursor = page.next_cursor;
            if request.cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, ["cyd@example.com", "bob@example.com", "ada@example.com"]);
    }
}
