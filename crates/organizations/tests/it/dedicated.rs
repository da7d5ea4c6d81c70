//! Dedicated deployments.

use tenantry_core::{
    access::{Actor, RequiredContext, Role},
    error::DomainError as _,
};
use tenantry_organizations::{NewOrganization, OrganizationsError};
use tenantry_testkit::each_database;
use tenantry_users::{NewAccount, OperatorFlags};

use crate::support::{Fixture, name, named, session_request, slug};

async fn register(fixture: &Fixture, person: &str) -> tenantry_core::id::UserId {
    let account = NewAccount {
        email: format!("{person}@example.com").parse().expect("valid"),
        name: name(person),
        password: "correct horse battery".parse().expect("valid"),
    };
    let made = fixture
        .users
        .create(account, OperatorFlags::default(), Actor::system())
        .await;
    made.expect("registered").id
}

each_database! {
    async fn a_new_user_joins_the_dedicated_organization_as_a_member(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        fixture.world.organization("acme").await;
        let user = register(&fixture, "ada").await;
        fixture.session(user, "key").await;
        let resolved = fixture.organizations.resolver.resolve(session_request("key", RequiredContext::ActiveTenant, None)).await;
        let tenant = resolved.expect("accepted").tenant.expect("a tenant");
        assert_eq!(tenant.role(), Role::Member);
    }

    async fn a_new_user_joins_nothing_in_a_saas_deployment(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        fixture.world.organization("acme").await;
        register(&fixture, "ada").await;
        assert_eq!(fixture.world.raw.number("SELECT count(*) FROM organization_members").await, 0);
    }

    async fn a_deleted_dedicated_organization_can_be_created_again(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let acme = fixture.world.organization("acme").await;
        fixture.organizations.deletion.mark_for_deletion_as(acme, Actor::system()).await.expect("pending_deletions");
        fixture.organizations.deletion.erase(acme, &|_| {}).await.expect("erased");
        assert_eq!(fixture.world.raw.number("SELECT count(*) FROM retired_slugs").await, 1);
        let owner = fixture.world.user("ada").await;
        let new = NewOrganization { name: name("Acme"), slug: Some(slug("acme")) };
        fixture.organizations.directory.create_for(owner, new).await.expect("made");
    }

    async fn membership_is_still_checked(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        fixture.world.organization("acme").await;
        let user = fixture.world.user("stranger").await;
        fixture.session(user, "key").await;
        for header in [None, Some("acme"), Some("globex")] {
            let refused = fixture.organizations.resolver.resolve(session_request("key", RequiredContext::ActiveTenant, header)).await;
            assert_eq!(refused.expect_err("refused").code(), "organization_not_found");
        }
    }

    async fn only_operators_create_the_dedicated_organization(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        let refused = fixture.organizations.organizations.create(&caller, named("Acme")).await;
        assert!(matches!(refused, Err(OrganizationsError::CreationDisabled)));
        fixture.organizations.directory.create_for(user, named("Acme")).await.expect("made");
    }

    async fn the_deployment_is_not_ready_without_its_organization(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let missing = fixture.organizations.directory.dedicated().await;
        assert!(matches!(missing, Err(OrganizationsError::DedicatedMissing)));
        // Registering works; there is nothing to join yet.
        register(&fixture, "ada").await;

        fixture.world.organization("acme").await;
        assert!(fixture.organizations.directory.dedicated().await.expect("there").is_some());
        fixture.world.raw.execute("UPDATE organizations SET is_active = FALSE").await;
        let disabled = fixture.organizations.directory.dedicated().await;
        assert!(matches!(disabled, Err(OrganizationsError::DedicatedMissing)));
    }

    async fn existing_users_join_the_dedicated_organization_when_it_is_created(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let owner = register(&fixture, "ada").await;
        let early = register(&fixture, "bob").await;
        fixture.organizations.directory.create_for(owner, named("Acme")).await.expect("made");
        for (user, role) in [(owner, Role::Owner), (early, Role::Member)] {
            let key = user.to_string();
            fixture.session(user, &key).await;
            let resolved = fixture.organizations.resolver.resolve(session_request(&key, RequiredContext::ActiveTenant, None)).await;
            let tenant = resolved.expect("accepted").tenant.expect("a tenant");
            assert_eq!(tenant.role(), role);
        }
    }

    async fn other_organizations_in_the_database_are_invisible(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        for slug in ["globex", "acme"] {
            let organization = fixture.world.organization(slug).await;
            fixture.world.join(organization, user, Role::Owner).await;
        }
        let me = fixture.organizations.organizations.me(&caller).await.expect("me");
        assert_eq!(me.memberships.len(), 1);
        let current = me.current_organization.expect("there");
        assert_eq!(current.slug.as_str(), "acme");
        let own = fixture.organizations.organizations.list_mine(&caller, &Default::default()).await.expect("listed");
        assert_eq!(own.items.len(), 1);
    }
}
