//! Dedicated deployments.

use tenantry_core::{
    access::{Actor, RequiredContext, Role},
    error::DomainError as _,
    id::{OrganizationId, UserId},
};
use tenantry_organizations::{NewMember, NewOrganization, OrganizationsError};
use tenantry_testkit::each_database;
use tenantry_users::{NewAccount, OperatorFlags};

use crate::support::{Fixture, name, named, session_request, slug};

async fn register(fixture: &Fixture, person: &str) -> UserId {
    register_as(fixture, person, OperatorFlags::default()).await
}

async fn register_as(fixture: &Fixture, person: &str, flags: OperatorFlags) -> UserId {
    let account = NewAccount {
        email: format!("{person}@example.com").parse().expect("valid"),
        name: name(person),
        password: "correct horse battery".parse().expect("valid"),
    };
    let made = fixture.users.create(account, flags, Actor::system()).await;
    made.expect("registered").id
}

/// Deletes the organization and all its data.
async fn erase(fixture: &Fixture, organization: OrganizationId) {
    let deletion = &fixture.organizations.deletion;
    let marked = deletion.mark_for_deletion_as(organization, Actor::system());
    marked.await.expect("marked");
    let erased = deletion.erase(organization, &|_| {});
    erased.await.expect("erased");
}

async fn create(fixture: &Fixture, owner: UserId) -> OrganizationId {
    let new = NewOrganization {
        name: name("Acme"),
        slug: Some(slug("acme")),
    };
    let created = fixture.organizations.directory.create_for(owner, new);
    created.await.expect("created").id
}

/// The names of the members, sorted.
async fn members(fixture: &Fixture, organization: OrganizationId) -> Vec<String> {
    let roles = fixture.roles(organization).await.into_iter();
    roles.map(|(name, _)| name).collect()
}

/// Ends a membership as its member, or as the owner.
async fn end(fixture: &Fixture, organization: OrganizationId, user: UserId, by: UserId) {
    let context = |user, role| {
        let issuer = &fixture.world.issuer;
        issuer.tenant(organization, user, role, Actor::system())
    };
    let service = &fixture.organizations.members;
    let ended = if user == by {
        service.leave(&context(user, Role::Member)).await
    } else {
        let id = fixture.member_id(organization, user).await;
        service.remove(&context(by, Role::Owner), id).await
    };
    ended.expect("ended");
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

    async fn a_person_who_left_stays_out_of_a_dedicated_organization_that_is_created_again(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let owner = register(&fixture, "owner").await;
        let mut people = Vec::new();
        for person in ["gone", "left", "back", "stayed"] {
            people.push(register(&fixture, person).await);
        }
        let [gone, left, back, _] = people[..] else { panic!("four people") };
        let first = create(&fixture, owner).await;
        for (user, by) in [(gone, owner), (left, left), (back, owner)] {
            end(&fixture, first, user, by).await;
        }
        let new = NewMember { user: back, role: Role::Viewer };
        fixture.organizations.members.add_member(first, new, Actor::system()).await.expect("added");

        // More than once, and with a deletion that nothing happened before.
        let mut current = first;
        for _ in 0..2 {
            erase(&fixture, current).await;
            current = create(&fixture, owner).await;
            assert_eq!(members(&fixture, current).await, ["back", "owner", "stayed"]);
        }

        // A person that an admin adds stays a member the next time, and a removed one does not.
        let new = NewMember { user: left, role: Role::Member };
        fixture.organizations.members.add_member(current, new, Actor::system()).await.expect("added");
        end(&fixture, current, back, owner).await;
        erase(&fixture, current).await;
        let current = create(&fixture, owner).await;
        assert_eq!(members(&fixture, current).await, ["left", "owner", "stayed"]);
    }

    async fn a_deletion_that_is_interrupted_forgets_no_removal(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let owner = register(&fixture, "owner").await;
        let gone = register(&fixture, "gone").await;
        let first = create(&fixture, owner).await;
        end(&fixture, first, gone, owner).await;
        let deletion = &fixture.organizations.deletion;
        deletion.mark_for_deletion_as(first, Actor::system()).await.expect("marked");
        let batch = fixture.world.failpoints.close("organizations.batch_erased");
        let organizations = fixture.organizations.clone();
        let erasing = tokio::spawn(async move { organizations.deletion.erase(first, &|_| {}).await });
        batch.reached(1).await;
        erasing.abort();
        batch.open();
        deletion.erase(first, &|_| {}).await.expect("erased");
        let second = create(&fixture, owner).await;
        assert_eq!(members(&fixture, second).await, ["owner"]);
    }

    async fn a_late_delivery_of_a_signup_does_not_readmit_a_removed_person(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let owner = register(&fixture, "owner").await;
        let acme = create(&fixture, owner).await;
        fixture.world.raw.execute("UPDATE organizations SET seat_limit = 1").await;
        let late = register(&fixture, "late").await;
        assert_eq!(members(&fixture, acme).await, ["owner"]);
        fixture.world.raw.execute("UPDATE organizations SET seat_limit = NULL").await;
        let new = NewMember { user: late, role: Role::Member };
        fixture.organizations.members.add_member(acme, new, Actor::system()).await.expect("added");
        end(&fixture, acme, late, owner).await;
        let mut work = fixture.world.database.begin(Actor::system());
        fixture.organizations.dedicated.join_dedicated(&mut work, late, Actor::system()).await.expect("nothing to do");
        work.commit().await.expect("committed");
        assert_eq!(members(&fixture, acme).await, ["owner"]);
    }

    async fn an_operator_joins_no_organization_automatically(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let staff = OperatorFlags { is_staff: true, is_superuser: false };
        let superuser = OperatorFlags { is_staff: false, is_superuser: true };
        let both = OperatorFlags { is_staff: true, is_superuser: true };
        for (person, flags) in [("staff 1", staff), ("root 1", superuser), ("both 1", both)] {
            register_as(&fixture, &person.replace(' ', "."), flags).await;
        }
        let owner = register(&fixture, "owner").await;
        let promoted = register(&fixture, "promoted").await;
        fixture.users.set_flags(promoted, staff, Actor::system()).await.expect("promoted");
        register(&fixture, "ada").await;
        let acme = create(&fixture, owner).await;
        assert_eq!(members(&fixture, acme).await, ["ada", "owner"]);

        for (person, flags) in [("staff", staff), ("root", superuser), ("both", both)] {
            let operator = register_as(&fixture, person, flags).await;
            assert_eq!(members(&fixture, acme).await, ["ada", "owner"], "{person}");
            // A membership that is given stays.
            let new = NewMember { user: operator, role: Role::Viewer };
            fixture.organizations.members.add_member(acme, new, Actor::system()).await.expect("given");
            end(&fixture, acme, operator, owner).await;
        }
        // A member who becomes an operator stays a member.
        let bob = register(&fixture, "bob").await;
        fixture.users.set_flags(bob, both, Actor::system()).await.expect("promoted");
        assert_eq!(members(&fixture, acme).await, ["ada", "bob", "owner"]);

        // Nor does a former one.
        let none = OperatorFlags { is_staff: false, is_superuser: false };
        fixture.users.set_flags(promoted, none, Actor::system()).await.expect("demoted");
        erase(&fixture, acme).await;
        let again = create(&fixture, owner).await;
        let members = members(&fixture, again).await;
        assert!(!members.contains(&"promoted".to_owned()), "{members:?}");
    }
}
