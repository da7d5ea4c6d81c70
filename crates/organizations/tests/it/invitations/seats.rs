//! How many members an organization may have.

use tenantry_core::{
    access::{Actor, Role},
    quota::QuotaKind,
};
use tenantry_organizations::{InvitationStatus, NewInvitation, NewMember};
use tenantry_testkit::{each_database, statements};

use super::{Scene, code, email, secret};

each_database! {
    async fn a_full_organization_invites_nobody_and_takes_nobody_in(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let sent = scene.invite("ada", Role::Member).await;
        let ada = scene.person("ada").await;
        let bob = scene.person("bob").await.user();
        scene.limit_seats(1).await;
        let organizations = &scene.stage.organizations;
        let full = "seat_limit_reached";

        let new = NewInvitation::addressed(email("cyd"), Role::Member);
        assert_eq!(code(organizations.invite(&scene.owner, new).await), full);
        assert_eq!(code(organizations.resend(&scene.owner, sent.invitation.id).await), full);
        assert_eq!(code(organizations.accept(&ada, &secret(&sent)).await), full);
        let new = NewMember { user: bob, role: Role::Member };
        assert_eq!(code(organizations.add_member(scene.acme, new, Actor::system()).await), full);
        assert_eq!(scene.members().await, 1);
        assert_eq!(scene.told("organizations.member_joined"), 0);

        // Nothing was consumed.
        assert_eq!(scene.listed().await[0].status, InvitationStatus::Pending);
        scene.limit_seats(2).await;
        organizations.accept(&ada, &secret(&sent)).await.expect("joined");
    }

    async fn an_invitation_takes_no_seat_before_it_is_accepted(db: TestDatabase) {
        let scene = Scene::new(db).await;
        scene.limit_seats(2).await;
        let first = scene.invite("ada", Role::Member).await;
        scene.invite("bob", Role::Member).await;
        scene.link(10).await;
        let ada = scene.person("ada").await;
        scene.stage.organizations.accept(&ada, &secret(&first)).await.expect("the last seat");
    }

    async fn a_member_of_a_full_organization_is_told_that_he_is_one(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let link = scene.link(10).await;
        let ada = scene.person("ada").await;
        scene.stage.world.join(scene.acme, ada.user(), Role::Viewer).await;
        scene.limit_seats(2).await;
        let refused = scene.stage.organizations.accept(&ada, &secret(&link)).await;
        assert_eq!(code(refused), "already_member");
    }

    async fn a_limit_is_read_in_one_query_and_each_by_its_own_name(db: TestDatabase) {
        let scene = Scene::new(db).await;
        scene.sql("UPDATE organizations SET project_limit = 7").await;
        let database = &scene.stage.world.database;
        let organizations = &scene.stage.organizations;
        for (limited, expected) in [(QuotaKind::Seats, None), (QuotaKind::Projects, Some(7))] {
            let mut work = database.begin(Actor::system());
            let held = organizations.lock_and_get(&mut work, scene.acme, limited);
            let (held, sent) = statements(held).await;
            assert_eq!(held.expect("read"), expected);
            let selects: Vec<_> = sent.iter().filter(|sql| sql.starts_with("SELECT")).collect();
            assert_eq!(selects.len(), 1, "{sent:#?}");
        }
    }
}
