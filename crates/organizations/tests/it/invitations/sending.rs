//! Sending, resending and revoking invitations.

use chrono::TimeDelta;
use serde_json::json;
use tenantry_core::{
    access::Role,
    page::{PageRequest, PageSize},
};
use tenantry_organizations::{ExpiresInDays, InvitationStatus, NewInvitation};
use tenantry_testkit::each_database;

use super::{InvitationFixture, code, email, secret};

each_database! {
    async fn the_secret_is_in_the_link_and_nowhere_else(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Member).await;
        let expected = "https://tenantry.example/invitations/accept#token=tnti_";
        assert!(sent.accept_url.starts_with(expected), "{}", sent.accept_url);
        let secret = secret(&sent);
        assert_eq!(secret.expose().len(), 5 + 64);

        let shown = format!("{sent:?} {secret:?}");
        let listed = json!(fixture.listed().await).to_string();
        let rows = fixture.base.world.raw.query("SELECT * FROM invitations").await;
        let recorded = json!(fixture.base.world.events.published()).to_string();
        let random = &secret.expose()[5..];
        for text in [&shown, &listed, &json!(rows).to_string(), &recorded] {
            assert!(!text.contains(random), "{text}");
        }
        assert!(!recorded.contains("ada@example.com"), "{recorded}");
    }

    async fn a_second_invitation_to_an_address_replaces_the_first(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let first = fixture.invite("ada", Role::Member).await;
        fixture.base.world.clock.advance(TimeDelta::hours(1));
        let other = NewInvitation::addressed(" ADA@Example.com ".parse().expect("valid"), Role::Viewer);
        let second = fixture.send(other).await;
        fixture.base.world.clock.advance(TimeDelta::hours(1));
        fixture.invite("bob", Role::Member).await;

        let statuses: Vec<_> = fixture.listed().await.into_iter().map(|i| (i.id, i.status)).collect();
        assert_eq!(statuses[1..], [
            (second.invitation.id, InvitationStatus::Pending),
            (first.invitation.id, InvitationStatus::Revoked),
        ]);
        let organizations = &fixture.base.organizations;
        assert_eq!(code(organizations.invitations.preview(&secret(&first)).await), "invitation_revoked");
        assert_eq!(organizations.invitations.preview(&secret(&second)).await.expect("pending").role, Role::Viewer);
        assert_eq!(fixture.count_events("organizations.invitation_revoked"), 1);
    }

    async fn invitations_of_organizations_are_independent(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let first = fixture.invite("ada", Role::Member).await;
        let globex = fixture.base.world.organization("globex").await;
        let other = fixture.base.world.member(globex, Role::Owner).await;
        let organizations = &fixture.base.organizations;
        let new = NewInvitation::addressed(email("ada"), Role::Member);
        organizations.invitations.invite(&other, new).await.expect("invited");
        organizations.invitations.preview(&secret(&first)).await.expect("still pending");

        let id = first.invitation.id;
        assert_eq!(code(organizations.invitations.resend(&other, id).await), "invitation_not_found");
        assert_eq!(code(organizations.invitations.revoke(&other, id).await), "invitation_not_found");
        let listed = organizations.invitations.invitations(&other, &PageRequest::default()).await;
        assert_eq!(listed.expect("listed").items.len(), 1);
    }

    async fn a_member_is_not_invited(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let ada = fixture.person("ada").await;
        let sent = fixture.invite("ada", Role::Member).await;
        fixture.base.world.join(fixture.acme, ada.user(), Role::Viewer).await;
        let organizations = &fixture.base.organizations;
        let new = NewInvitation::addressed(email("ada"), Role::Admin);
        assert_eq!(code(organizations.invitations.invite(&fixture.owner, new).await), "already_member");
        let again = organizations.invitations.resend(&fixture.owner, sent.invitation.id).await;
        assert_eq!(code(again), "already_member");
    }

    async fn an_invitation_expires_by_the_clock(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let week = fixture.invite("ada", Role::Member).await;
        let days = ExpiresInDays::try_from(2).expect("valid");
        let short = NewInvitation::addressed(email("bob"), Role::Member).expiring_in(days);
        let short = fixture.send(short).await;
        let bob = fixture.person("bob").await;
        let organizations = &fixture.base.organizations;

        fixture.base.world.clock.advance(TimeDelta::days(2) - TimeDelta::microseconds(1));
        organizations.invitations.preview(&secret(&short)).await.expect("pending");
        fixture.base.world.clock.advance(TimeDelta::microseconds(1));
        assert_eq!(code(organizations.invitations.preview(&secret(&short)).await), "invitation_expired");
        assert_eq!(code(organizations.invitations.accept(&bob, &secret(&short)).await), "invitation_expired");
        organizations.invitations.preview(&secret(&week)).await.expect("pending");
        let expired = fixture.listed().await.into_iter().find(|i| i.id == short.invitation.id);
        assert_eq!(expired.expect("listed").status, InvitationStatus::Expired);
        assert_eq!(fixture.members().await, 1);
    }

    async fn resending_issues_a_new_secret_and_invalidates_the_old_one(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let first = fixture.invite("ada", Role::Member).await;
        // Also one that has expired.
        fixture.base.world.clock.advance(TimeDelta::days(8));
        let organizations = &fixture.base.organizations;
        let admin = fixture.base.world.member(fixture.acme, Role::Admin).await;
        let second = organizations.invitations.resend(&admin, first.invitation.id).await.expect("sent");
        assert_eq!(second.invitation.id, first.invitation.id);
        assert_eq!(second.invitation.status, InvitationStatus::Pending);
        assert_eq!(second.invitation.invited_by, admin.user());
        assert_eq!(second.invitation.expires_at - second.invitation.sent_at, TimeDelta::days(7));

        let ada = fixture.person("ada").await;
        assert_eq!(code(organizations.invitations.accept(&ada, &secret(&first)).await), "invitation_not_found");
        let joined = organizations.invitations.accept(&ada, &secret(&second)).await.expect("joined");
        assert_eq!(joined.invited_by, Some(admin.user()));
        assert_eq!(fixture.count_events("organizations.invitation_resent"), 1);
    }

    async fn used_and_revoked_invitations_and_links_are_not_resent(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let organizations = &fixture.base.organizations;
        let used = fixture.invite("ada", Role::Member).await;
        let ada = fixture.person("ada").await;
        organizations.invitations.accept(&ada, &secret(&used)).await.expect("joined");
        let revoked = fixture.invite("bob", Role::Member).await;
        organizations.invitations.revoke(&fixture.owner, revoked.invitation.id).await.expect("withdrawn");
        let link = fixture.link(2).await;
        for (sent, expected) in [
            (used, "invitation_used"), (revoked, "invitation_revoked"), (link, "invitation_is_link"),
        ] {
            let again = organizations.invitations.resend(&fixture.owner, sent.invitation.id).await;
            assert_eq!(code(again), expected);
        }
    }

    async fn revoking_is_idempotent_and_never_ends_a_membership(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let organizations = &fixture.base.organizations;
        let link = fixture.link(2).await;
        let ada = fixture.person("ada").await;
        organizations.invitations.accept(&ada, &secret(&link)).await.expect("joined");
        for _ in 0..2 {
            organizations.invitations.revoke(&fixture.owner, link.invitation.id).await.expect("withdrawn");
        }
        assert_eq!(fixture.count_events("organizations.invitation_revoked"), 1);
        let bob = fixture.person("bob").await;
        assert_eq!(code(organizations.invitations.accept(&bob, &secret(&link)).await), "invitation_revoked");
        assert_eq!(fixture.members().await, 2);

        let used = fixture.link(1).await;
        organizations.invitations.accept(&bob, &secret(&used)).await.expect("joined");
        let refused = organizations.invitations.revoke(&fixture.owner, used.invitation.id).await;
        assert_eq!(code(refused), "invitation_used");
    }

    async fn invitations_are_listed_newest_first_in_pages(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        for name in ["ada", "bob", "cyd"] {
            fixture.base.world.clock.advance(TimeDelta::seconds(1));
            fixture.invite(name, Role::Member).await;
        }
        let organizations = &fixture.base.organizations;
        let mut request = PageRequest { limit: PageSize::new(2).expect("valid"), cursor: None };
        let mut names = Vec::new();
        loop {
            let page = organizations.invitations.invitations(&fixture.owner, &request).await.expect("listed");
            names.extend(page.items.into_iter().map(|i| i.email.expect("addressed").to_string()));
            request.cursor = page.next_cursor;
            if request.cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, ["cyd@example.com", "bob@example.com", "ada@example.com"]);
    }

    async fn one_invitation_is_read_as_in_the_list_and_a_foreign_one_is_unknown(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Viewer).await;
        fixture.limit_seats(1).await;
        let invitations = &fixture.base.organizations.invitations;
        let one = invitations.invitation(&fixture.owner, sent.invitation.id).await.expect("there");
        assert_eq!([one], fixture.listed().await[..]);
        let globex = fixture.base.world.organization("globex").await;
        let stranger = fixture.base.world.member(globex, Role::Owner).await;
        let foreign = invitations.invitation(&stranger, sent.invitation.id).await;
        assert_eq!(code(foreign), "invitation_not_found");
        let viewer = fixture.base.world.member(fixture.acme, Role::Viewer).await;
        let denied = invitations.invitation(&viewer, sent.invitation.id).await;
        assert_eq!(code(denied), "permission_denied");
    }
}
