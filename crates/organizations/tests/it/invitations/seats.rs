//! The seat limit.

use tenantry_core::{
    access::{Actor, Role},
    quota::QuotaKey,
};
use tenantry_organizations::{InvitationStatus, NewInvitation, NewMember};
use tenantry_testkit::{each_database, statements};

use super::{InvitationFixture, code, email, secret};

each_database! {
    async fn a_full_organization_neither_invites_nor_accepts(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let sent = fixture.invite("ada", Role::Member).await;
        let ada = fixture.person("ada").await;
        let bob = fixture.person("bob").await.user();
        fixture.limit_seats(1).await;
        let organizations = &fixture.base.organizations;
        let full = "seat_limit_reached";

        let new = NewInvitation::addressed(email("cyd"), Role::Member);
        assert_eq!(code(organizations.invitations.invite(&fixture.owner, new).await), full);
        assert_eq!(code(organizations.invitations.resend(&fixture.owner, sent.invitation.id).await), full);
        assert_eq!(code(organizations.invitations.accept(&ada, &secret(&sent)).await), full);
        let new = NewMember { user: bob, role: Role::Member };
        assert_eq!(code(organizations.members.add_member(fixture.acme, new, Actor::system()).await), full);
        assert_eq!(fixture.members().await, 1);
        assert_eq!(fixture.count_events("organizations.member_joined"), 0);

        // The invitation was not used.
        let listed = fixture.listed().await.swap_remove(0);
        assert_eq!((listed.status, listed.uses), (InvitationStatus::Blocked, 0));
        fixture.limit_seats(2).await;
        assert_eq!(fixture.listed().await[0].status, InvitationStatus::Pending);
        organizations.invitations.accept(&ada, &secret(&sent)).await.expect("joined");
    }

    async fn an_invitation_takes_no_seat_before_it_is_accepted(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        fixture.limit_seats(2).await;
        let first = fixture.invite("ada", Role::Member).await;
        fixture.invite("bob", Role::Member).await;
        fixture.link(10).await;
        let ada = fixture.person("ada").await;
        fixture.base.organizations.invitations.accept(&ada, &secret(&first)).await.expect("the last seat");
    }

    async fn a_member_of_a_full_organization_gets_already_member(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        let link = fixture.link(10).await;
        let ada = fixture.person("ada").await;
        fixture.base.world.join(fixture.acme, ada.user(), Role::Viewer).await;
        fixture.limit_seats(2).await;
        let refused = fixture.base.organizations.invitations.accept(&ada, &secret(&link)).await;
        assert_eq!(code(refused), "already_member");
    }

    async fn a_limit_is_read_in_one_query_by_its_key(db: TestDatabase) {
        let fixture = InvitationFixture::new(db).await;
        fixture.sql("UPDATE organizations SET project_limit = 7").await;
        let database = &fixture.base.world.database;
        let organizations = &fixture.base.organizations;
        for (key, expected) in [("seats", None), ("projects", Some(7))] {
            let mut work = database.begin(Actor::system());
            let held = organizations.quotas.lock_and_get(&mut work, fixture.acme, QuotaKey::new(key));
            let (held, sent) = statements(held).await;
            assert_eq!(held.expect("read"), expected);
            let selects: Vec<_> = sent.iter().filter(|sql| sql.starts_with("SELECT")).collect();
            assert_eq!(selects.len(), 1, "{sent:#?}");
        }
    }
}
