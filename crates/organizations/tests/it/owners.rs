//! Every organization keeps an active owner.

use tenantry_core::{
    access::{Actor, Role, TenantContext},
    error::DomainError as _,
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::users::{UserDisabled, UserEnabled};
use tenantry_organizations::{NewMember, OrganizationsError};
use tenantry_testkit::each_database;

use crate::support::{Fixture, named};

/// Every way in which an organization could lose this owner.
async fn losses(fixture: &Fixture, owner: &TenantContext) -> [Result<(), OrganizationsError>; 6] {
    let (organization, user) = (owner.organization(), owner.user());
    let id = fixture.member_id(organization, user).await;
    let (organizations, system) = (&fixture.organizations, Actor::system());
    let operator = fixture.world.user("operator").await;
    [
        organizations
            .members
            .set_role(owner, id, Role::Admin)
            .await
            .map(drop),
        organizations
            .members
            .set_role_for(organization, user, Role::Viewer, system.clone())
            .await
            .map(drop),
        organizations.members.remove(owner, id).await,
        organizations.members.leave(owner).await,
        organizations
            .members
            .set_user_active(user, false, system)
            .await
            .map(drop),
        organizations
            .members
            .set_user_active(
                user,
                false,
                // Not the operator's own account.
                Actor {
                    user: Some(operator),
                    ..Actor::system()
                },
            )
            .await
            .map(drop),
    ]
}

/// Disables a user by SQL.
async fn disable(fixture: &Fixture, user: UserId) {
    let id = fixture.literal(user.uuid());
    let sql = format!("UPDATE users SET is_active = false WHERE id = {id}");
    assert_eq!(fixture.world.raw.execute(&sql).await, 1);
}

async fn close(fixture: &Fixture, organization: OrganizationId) {
    let id = fixture.literal(organization.uuid());
    let sql = format!("UPDATE organizations SET is_active = false WHERE id = {id}");
    assert_eq!(fixture.world.raw.execute(&sql).await, 1);
}

each_database! {
    async fn the_last_active_owner_stays_on_every_path(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let owner = fixture.world.member(acme, Role::Owner).await;
        fixture.world.member(acme, Role::Admin).await;
        // A disabled owner does not count, nor does an owner of another organization.
        let disabled = fixture.world.member(acme, Role::Owner).await;
        disable(&fixture, disabled.user()).await;
        let globex = fixture.world.organization("globex").await;
        fixture.world.member(globex, Role::Owner).await;

        let before = fixture.roles(acme).await;
        for (n, lost) in losses(&fixture, &owner).await.into_iter().enumerate() {
            assert_eq!(lost.expect_err("the last").code(), "last_owner", "way {n}");
        }
        assert_eq!(fixture.roles(acme).await, before);
        // The refusal of the last way shows an operator what the person owns.
        assert_eq!(fixture.world.events.names(), ["organizations.operator_looked"]);
    }

    async fn an_owner_may_leave_if_another_one_stays(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        for way in 0..6 {
            let organization = fixture.world.organization(&format!("acme-{way}")).await;
            let owner = fixture.world.member(organization, Role::Owner).await;
            let other = fixture.world.member(organization, Role::Owner).await;
            let id = fixture.member_id(organization, owner.user()).await;
            let organizations = &fixture.organizations;
            let (user, system) = (owner.user(), Actor::system());
            match way {
                0 => organizations.members.set_role(&other, id, Role::Viewer).await.map(drop),
                1 => organizations.members.set_role(&owner, id, Role::Admin).await.map(drop),
                2 => organizations.members.remove(&other, id).await,
                3 => organizations.members.leave(&owner).await,
                4 => organizations.members.set_role_for(organization, user, Role::Member, system).await.map(drop),
                _ => organizations.members.set_user_active(user, false, system).await.map(drop),
            }
            .expect("another one stays");
            let left = organizations.members.leave(&other).await.expect_err("the last");
            assert_eq!(left.code(), "last_owner", "way {way}");
        }
    }

    async fn disabling_a_user_checks_all_owned_organizations(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let mut owned = Vec::new();
        for slug in ["aa", "bb", "cc"] {
            let organization = fixture.world.organization(slug).await;
            fixture.world.join(organization, user, Role::Owner).await;
            if slug != "bb" {
                fixture.world.member(organization, Role::Owner).await;
            }
            owned.push(organization);
        }
        let try_disable = || fixture.organizations.members.set_user_active(user, false, Actor::system());
        let refused = try_disable().await.expect_err("the last of bb");
        assert_eq!(refused.code(), "last_owner");
        assert_eq!(refused.to_string(), "this person is the only active owner of bb");

        // A disabled organization may be enabled again, and then needs an owner.
        close(&fixture, owned[1]).await;
        assert_eq!(try_disable().await.expect_err("the last of bb").code(), "last_owner");

        fixture.world.member(owned[1], Role::Owner).await;
        let out = try_disable().await.expect("others stay");
        assert!(!out.is_active);
        try_disable().await.expect("again");
        assert_eq!(fixture.world.events.of::<UserDisabled>().len(), 1);
        // The memberships stay.
        assert_eq!(fixture.roles(owned[0]).await.len(), 2);
        let enabled = fixture.organizations.members.set_user_active(user, true, Actor::system()).await;
        assert!(enabled.expect("enabled").is_active);
        assert_eq!(fixture.world.events.of::<UserEnabled>().len(), 1);
    }

    async fn an_organization_in_deletion_needs_no_owner(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let owner = fixture.world.member(acme, Role::Owner).await;
        fixture.world.raw.execute("UPDATE organizations SET deleted_at = created_at").await;
        let disabled = fixture.organizations.members.set_user_active(owner.user(), false, Actor::system());
        disabled.await.expect("disabled");
    }

    async fn a_new_owner_needs_an_active_account(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let owner = fixture.world.member(acme, Role::Owner).await;
        let user = fixture.world.user("ada").await;
        fixture.world.join(acme, user, Role::Member).await;
        disable(&fixture, user).await;
        let id = fixture.member_id(acme, user).await;
        let (organizations, system) = (&fixture.organizations, Actor::system());
        let globex = fixture.world.organization("globex").await;
        let new = NewMember { user, role: Role::Owner };
        let refused = [
            organizations.members.set_role(&owner, id, Role::Owner).await.map(drop),
            organizations.members.set_role_for(acme, user, Role::Owner, system.clone()).await.map(drop),
            organizations.members.transfer(&owner, id).await.map(drop),
            organizations.members.transfer_for(acme, None, user, system.clone()).await.map(drop),
            organizations.members.add_member(globex, new, system).await,
            organizations.directory.create_for(user, named("New")).await.map(drop),
        ];
        for (n, refused) in refused.into_iter().enumerate() {
            assert_eq!(refused.expect_err("inactive").code(), "owner_inactive", "way {n}");
        }
        assert_eq!(fixture.world.events.names(), Vec::<String>::new());
        organizations.members.set_role(&owner, id, Role::Admin).await.expect("anything else is fine");
    }
}
