//! One organization for everybody.

use tenantry_core::{
    access::{Actor, RequiredContext, Role},
    error::DomainError as _,
};
use tenantry_organizations::{NewOrganization, OrganizationsError};
use tenantry_testkit::each_database;
use tenantry_users::{NewAccount, OperatorFlags};

use crate::support::{Stage, ask, name, named, slug};

async fn register(stage: &Stage, person: &str) -> tenantry_core::id::UserId {
    let account = NewAccount {
        email: format!("{person}@example.com").parse().expect("valid"),
        name: name(person),
        password: "correct horse battery".parse().expect("valid"),
    };
    let made = stage
        .users
        .create(account, OperatorFlags::default(), Actor::system())
        .await;
    made.expect("registered").id
}

each_database! {
    async fn whoever_registers_joins_the_one_organization_as_a_member(db: TestDatabase) {
        let stage = Stage::dedicated(db, "acme").await;
        stage.world.organization("acme").await;
        let user = register(&stage, "ada").await;
        stage.session(user, "key").await;
        let admission = stage.organizations.resolve(ask("key", RequiredContext::ActiveTenant, None)).await;
        let tenant = admission.expect("let in").tenant.expect("a tenant");
        assert_eq!(tenant.role(), Role::Member);
    }

    async fn in_a_deployment_for_many_nobody_joins_by_registering(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        stage.world.organization("acme").await;
        register(&stage, "ada").await;
        assert_eq!(stage.world.raw.number("SELECT count(*) FROM organization_members").await, 0);
    }

    async fn the_organization_is_made_anew_after_it_was_deleted(db: TestDatabase) {
        let stage = Stage::dedicated(db, "acme").await;
        let acme = stage.world.organization("acme").await;
        stage.organizations.mark_for_deletion_as(acme, Actor::system()).await.expect("pending_deletions");
        stage.organizations.erase(acme, &|_| {}).await.expect("erased");
        assert_eq!(stage.world.raw.number("SELECT count(*) FROM retired_slugs").await, 1);
        let owner = stage.world.user("ada").await;
        let new = NewOrganization { name: name("Acme"), slug: Some(slug("acme")) };
        stage.organizations.create_for(owner, new).await.expect("made");
    }

    async fn membership_is_still_checked(db: TestDatabase) {
        let stage = Stage::dedicated(db, "acme").await;
        stage.world.organization("acme").await;
        let user = stage.world.user("stranger").await;
        stage.session(user, "key").await;
        for header in [None, Some("acme"), Some("globex")] {
            let refused = stage.organizations.resolve(ask("key", RequiredContext::ActiveTenant, header)).await;
            assert_eq!(refused.expect_err("refused").code(), "organization_not_found");
        }
    }

    async fn only_operators_make_the_organization(db: TestDatabase) {
        let stage = Stage::dedicated(db, "acme").await;
        let user = stage.world.user("ada").await;
        let caller = stage.session(user, "key").await;
        let refused = stage.organizations.create(&caller, named("Acme")).await;
        assert!(matches!(refused, Err(OrganizationsError::CreationDisabled)));
        stage.organizations.create_for(user, named("Acme")).await.expect("made");
    }

    async fn the_deployment_is_not_ready_without_its_organization(db: TestDatabase) {
        let stage = Stage::dedicated(db, "acme").await;
        let missing = stage.organizations.dedicated().await;
        assert!(matches!(missing, Err(OrganizationsError::DedicatedMissing)));
        // Registering works all the same; there is nothing to join yet.
        register(&stage, "ada").await;

        stage.world.organization("acme").await;
        assert!(stage.organizations.dedicated().await.expect("there").is_some());
        stage.world.raw.execute("UPDATE organizations SET is_active = FALSE").await;
        let disabled = stage.organizations.dedicated().await;
        assert!(matches!(disabled, Err(OrganizationsError::DedicatedMissing)));
    }

    async fn whoever_registered_before_the_organization_was_made_joins_it_then(db: TestDatabase) {
        let stage = Stage::dedicated(db, "acme").await;
        let owner = register(&stage, "ada").await;
        let early = register(&stage, "bob").await;
        stage.organizations.create_for(owner, named("Acme")).await.expect("made");
        for (user, role) in [(owner, Role::Owner), (early, Role::Member)] {
            let key = user.to_string();
            stage.session(user, &key).await;
            let admission = stage.organizations.resolve(ask(&key, RequiredContext::ActiveTenant, None)).await;
            let tenant = admission.expect("let in").tenant.expect("a tenant");
            assert_eq!(tenant.role(), role);
        }
    }

    async fn other_organizations_in_the_database_do_not_show(db: TestDatabase) {
        let stage = Stage::dedicated(db, "acme").await;
        let user = stage.world.user("ada").await;
        let caller = stage.session(user, "key").await;
        for slug in ["globex", "acme"] {
            let organization = stage.world.organization(slug).await;
            stage.world.join(organization, user, Role::Owner).await;
        }
        let me = stage.organizations.me(&caller).await.expect("me");
        assert_eq!(me.memberships.len(), 1);
        let current = me.current_organization.expect("there");
        assert_eq!(current.slug.as_str(), "acme");
        let own = stage.organizations.own(&caller, &Default::default()).await.expect("listed");
        assert_eq!(own.items.len(), 1);
    }
}
