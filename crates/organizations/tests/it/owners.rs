//! Every organization keeps an active owner, whichever way one is lost.

use tenantry_core::{
    access::{Actor, Role, TenantContext},
    error::DomainError as _,
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::users::{UserDisabled, UserEnabled};
use tenantry_organizations::{NewMember, OrganizationsError};
use tenantry_testkit::each_database;

use crate::support::{Stage, named};

/// Every way in which an organization could lose this owner.
async fn losses(stage: &Stage, owner: &TenantContext) -> [Result<(), OrganizationsError>; 6] {
    let (organization, user) = (owner.organization(), owner.user());
    let id = stage.member_id(organization, user).await;
    let (organizations, system) = (&stage.organizations, Actor::system());
    [
        organizations
            .set_role(owner, id, Role::Admin)
            .await
            .map(drop),
        organizations
            .set_role_for(organization, user, Role::Viewer, system)
            .await
            .map(drop),
        organizations.remove(owner, id).await,
        organizations.leave(owner).await,
        organizations
            .set_user_active(user, false, system)
            .await
            .map(drop),
        organizations
            .set_user_active(
                user,
                false,
                Actor {
                    user: Some(user),
                    request: None,
                },
            )
            .await
            .map(drop),
    ]
}

/// Locks somebody out behind the service's back.
async fn lock_out(stage: &Stage, user: UserId) {
    let id = stage.literal(user.uuid());
    let sql = format!("UPDATE users SET is_active = false WHERE id = {id}");
    assert_eq!(stage.world.raw.execute(&sql).await, 1);
}

async fn close(stage: &Stage, organization: OrganizationId) {
    let id = stage.literal(organization.uuid());
    let sql = format!("UPDATE organizations SET is_active = false WHERE id = {id}");
    assert_eq!(stage.world.raw.execute(&sql).await, 1);
}

each_database! {
    async fn the_last_active_owner_stays_on_every_path(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let owner = stage.world.member(acme, Role::Owner).await;
        stage.world.member(acme, Role::Admin).await;
        // An owner who can't sign in is no help, and neither is one of another organization.
        let disabled = stage.world.member(acme, Role::Owner).await;
        lock_out(&stage, disabled.user()).await;
        let globex = stage.world.organization("globex").await;
        stage.world.member(globex, Role::Owner).await;

        let before = stage.roles(acme).await;
        for (n, lost) in losses(&stage, &owner).await.into_iter().enumerate() {
            assert_eq!(lost.expect_err("the last").code(), "last_owner", "way {n}");
        }
        assert_eq!(stage.roles(acme).await, before);
        assert_eq!(stage.world.events.names(), Vec::<String>::new());
    }

    async fn an_owner_may_go_where_another_one_stays(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        for way in 0..6 {
            let organization = stage.world.organization(&format!("acme-{way}")).await;
            let owner = stage.world.member(organization, Role::Owner).await;
            let other = stage.world.member(organization, Role::Owner).await;
            let id = stage.member_id(organization, owner.user()).await;
            let organizations = &stage.organizations;
            let (user, system) = (owner.user(), Actor::system());
            match way {
                0 => organizations.set_role(&other, id, Role::Viewer).await.map(drop),
                1 => organizations.set_role(&owner, id, Role::Admin).await.map(drop),
                2 => organizations.remove(&other, id).await,
                3 => organizations.leave(&owner).await,
                4 => organizations.set_role_for(organization, user, Role::Member, system).await.map(drop),
                _ => organizations.set_user_active(user, false, system).await.map(drop),
            }
            .expect("another one stays");
            let left = organizations.leave(&other).await.expect_err("the last");
            assert_eq!(left.code(), "last_owner", "way {way}");
        }
    }

    async fn whoever_is_locked_out_is_looked_for_in_all_his_organizations(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let mut owned = Vec::new();
        for slug in ["aa", "bb", "cc"] {
            let organization = stage.world.organization(slug).await;
            stage.world.join(organization, user, Role::Owner).await;
            if slug != "bb" {
                stage.world.member(organization, Role::Owner).await;
            }
            owned.push(organization);
        }
        let disable = || stage.organizations.set_user_active(user, false, Actor::system());
        let refused = disable().await.expect_err("the last of bb");
        assert_eq!(refused.code(), "last_owner");
        assert!(!refused.to_string().contains("bb"), "{refused}");

        // A closed organization may be opened again, and then it needs an owner as well.
        close(&stage, owned[1]).await;
        assert_eq!(disable().await.expect_err("the last of bb").code(), "last_owner");

        stage.world.member(owned[1], Role::Owner).await;
        let out = disable().await.expect("others stay");
        assert!(!out.is_active);
        disable().await.expect("again");
        assert_eq!(stage.world.events.of::<UserDisabled>().len(), 1);
        // His memberships are there, and he comes back to them.
        assert_eq!(stage.roles(owned[0]).await.len(), 2);
        let enabled = stage.organizations.set_user_active(user, true, Actor::system()).await;
        assert!(enabled.expect("enabled").is_active);
        assert_eq!(stage.world.events.of::<UserEnabled>().len(), 1);
    }

    async fn an_organization_that_is_being_deleted_keeps_nobody(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let owner = stage.world.member(acme, Role::Owner).await;
        stage.world.raw.execute("UPDATE organizations SET deleted_at = created_at").await;
        let disabled = stage.organizations.set_user_active(owner.user(), false, Actor::system());
        disabled.await.expect("disabled");
    }

    async fn whoever_becomes_an_owner_can_sign_in(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let owner = stage.world.member(acme, Role::Owner).await;
        let user = stage.world.user("ada").await;
        stage.world.join(acme, user, Role::Member).await;
        lock_out(&stage, user).await;
        let id = stage.member_id(acme, user).await;
        let (organizations, system) = (&stage.organizations, Actor::system());
        let globex = stage.world.organization("globex").await;
        let new = NewMember { user, role: Role::Owner };
        let refused = [
            organizations.set_role(&owner, id, Role::Owner).await.map(drop),
            organizations.set_role_for(acme, user, Role::Owner, system).await.map(drop),
            organizations.transfer(&owner, id).await.map(drop),
            organizations.transfer_for(acme, None, user, system).await.map(drop),
            organizations.add_member(globex, new, system).await,
            organizations.create_for(user, named("New")).await.map(drop),
        ];
        for (n, refused) in refused.into_iter().enumerate() {
            assert_eq!(refused.expect_err("inactive").code(), "owner_inactive", "way {n}");
        }
        assert_eq!(stage.world.events.names(), Vec::<String>::new());
        organizations.set_role(&owner, id, Role::Admin).await.expect("anything else is fine");
    }
}
