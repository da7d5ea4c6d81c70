//! How many organizations a person owns, and organizations whose owner is locked out.

use tenantry_core::{
    access::{Actor, Role, SessionCaller},
    error::DomainError as _,
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::organizations::{
    MemberRoleChanged, MemberSuspended, OperatorViewed, OwnerLost,
};
use tenantry_organizations::{
    Force, NewInvitation, NewMember, NewOrganization, NewOwner, OrganizationChange,
    OrganizationsError,
};
use tenantry_testkit::each_database;

use crate::support::{Fixture, name, named, slug};

/// `done`, or the error code.
fn code<T>(outcome: Result<T, OrganizationsError>) -> &'static str {
    outcome.map_or_else(|error| error.code(), |_| "done")
}

const FULL: &str = "organization_limit_reached";

async fn person(fixture: &Fixture, name: &str) -> SessionCaller {
    let user = fixture.world.user(name).await;
    fixture.session(user, name).await
}

async fn create(fixture: &Fixture, caller: &SessionCaller, slug_of: &str) -> &'static str {
    let new = NewOrganization {
        name: name("New"),
        slug: Some(slug(slug_of)),
    };
    let created = fixture.organizations.organizations.create(caller, new);
    code(created.await)
}

async fn owned(fixture: &Fixture, slug: &str, user: UserId) -> OrganizationId {
    let organization = fixture.world.organization(slug).await;
    fixture.world.join(organization, user, Role::Owner).await;
    organization
}

async fn set_owner(fixture: &Fixture, id: OrganizationId, owner: NewOwner) -> &'static str {
    let change = OrganizationChange {
        owner: Some(owner),
        ..OrganizationChange::default()
    };
    let operators = &fixture.organizations.operators;
    code(
        operators
            .change_organization(id, change, Actor::system())
            .await,
    )
}

each_database! {
    async fn a_person_creates_as_many_organizations_as_one_may_own(db: TestDatabase) {
        let fixture = Fixture::owning_at_most(db, Some(2)).await;
        let ada = person(&fixture, "ada").await;
        assert_eq!(create(&fixture, &ada, "aa").await, "done");
        assert_eq!(create(&fixture, &ada, "bb").await, "done");
        let before = fixture.world.events.names();
        assert_eq!(create(&fixture, &ada, "cc").await, FULL);
        assert_eq!(fixture.world.events.names(), before);
        let found = fixture.organizations.directory.find_by_slug(&slug("cc")).await;
        assert!(found.expect("queried").is_none());

        // Only owners count, and a disabled organization as well; another person has another count.
        let bob = person(&fixture, "bob").await;
        let other = owned(&fixture, "dd", bob.user()).await;
        fixture.world.join(other, ada.user(), Role::Admin).await;
        assert_eq!(create(&fixture, &bob, "ee").await, "done");
        fixture.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'aa'").await;
        assert_eq!(create(&fixture, &ada, "cc").await, FULL);
        // A deleted one does not.
        let deleted = fixture.organizations.directory.find_by_slug(&slug("aa")).await;
        let deleted = deleted.expect("queried").expect("there").id;
        let marked = fixture.organizations.deletion.mark_for_deletion_as(deleted, Actor::system());
        marked.await.expect("marked");
        assert_eq!(create(&fixture, &ada, "cc").await, "done");
        assert_eq!(create(&fixture, &ada, "ff").await, FULL);
    }

    async fn concurrent_creations_do_not_exceed_the_limit(db: TestDatabase) {
        let fixture = Fixture::owning_at_most(db, Some(3)).await;
        let ada = person(&fixture, "ada").await;
        let counted = fixture.world.failpoints.close("organizations.owned");
        let mut creating = Vec::new();
        for n in 0..8 {
            let (organizations, caller) = (fixture.organizations.clone(), ada.clone());
            creating.push(tokio::spawn(async move {
                organizations.organizations.create(&caller, named(&format!("New {n}"))).await
            }));
        }
        counted.reached(1).await;
        counted.open();
        let mut done = 0;
        for created in creating {
            match code(created.await.expect("no panic")) {
                "done" => done += 1,
                other => assert_eq!(other, FULL),
            }
        }
        assert_eq!(done, 3);
        assert_eq!(fixture.world.raw.number("SELECT count(*) FROM organizations").await, 3);
    }

    async fn the_limit_holds_on_every_way_to_own_an_organization(db: TestDatabase) {
        let fixture = Fixture::owning_at_most(db, Some(1)).await;
        let ada = person(&fixture, "ada").await;
        owned(&fixture, "aa", ada.user()).await;
        let acme = fixture.world.organization("acme").await;
        let owner = fixture.world.member(acme, Role::Owner).await;
        let organizations = &fixture.organizations;

        let new = NewInvitation::addressed("ada@example.com".parse().expect("valid"), Role::Owner);
        let sent = organizations.invitations.invite(&owner, new).await.expect("invited");
        let (_, secret) = sent.accept_url.split_once("#token=").expect("a secret");
        let secret = secret.parse().expect("valid");
        assert_eq!(code(organizations.invitations.accept(&ada, &secret).await), FULL);

        fixture.world.join(acme, ada.user(), Role::Admin).await;
        let id = fixture.member_id(acme, ada.user()).await;
        assert_eq!(code(organizations.members.set_role(&owner, id, Role::Owner).await), FULL);
        assert_eq!(code(organizations.members.transfer(&owner, id).await), FULL);
        organizations.members.set_role(&owner, id, Role::Member).await.expect("another role");

        // Operators are not limited.
        let system = Actor::system();
        let given = organizations.members.set_role_for(acme, ada.user(), Role::Owner, system.clone()).await;
        assert_eq!(code(given), "done");
        let new = NewOrganization { name: name("B"), slug: Some(slug("bb")) };
        assert_eq!(code(organizations.directory.create_for(ada.user(), new).await), "done");
        let globex = fixture.world.organization("globex").await;
        let new = NewMember { user: ada.user(), role: Role::Owner };
        assert_eq!(code(organizations.members.add_member(globex, new, system).await), "done");
        assert_eq!(create(&fixture, &ada, "cc").await, FULL);
    }

    async fn without_a_limit_a_person_owns_any_number(db: TestDatabase) {
        let fixture = Fixture::owning_at_most(db, None).await;
        let ada = person(&fixture, "ada").await;
        for n in 0..101 {
            owned(&fixture, &format!("o{n}"), ada.user()).await;
        }
        assert_eq!(create(&fixture, &ada, "more").await, "done");
    }

    async fn a_forced_lock_out_of_a_sole_owner_keeps_the_data_and_is_recorded(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let ada = fixture.world.user("ada").await;
        let mut ids = Vec::new();
        for slug in ["aa", "bb", "cc", "dd"] {
            ids.push(owned(&fixture, slug, ada).await);
        }
        fixture.world.member(ids[1], Role::Owner).await;
        fixture.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'cc'").await;
        fixture.world.raw.execute("UPDATE organizations SET deleted_at = created_at WHERE slug = 'dd'").await;
        fixture.world.project(ids[0], "Rocket").await;
        let root = fixture.world.user("root").await;
        let by_root = Actor { user: Some(root), ..Actor::system() };
        let members = &fixture.organizations.members;

        let refused = members.disable_user(ada, Force::No, by_root.clone()).await.expect_err("the only owner");
        assert_eq!(refused.code(), "last_owner");
        assert!(refused.to_string().ends_with(" aa, cc"), "{refused}");
        // The refusal shows what the person owns.
        assert_eq!(fixture.world.events.of::<OperatorViewed>().len(), 3);
        assert_eq!(fixture.world.events.of::<OwnerLost>(), []);

        let disabled = members.disable_user(ada, Force::Yes, by_root.clone()).await.expect("disabled");
        assert!(!disabled.user.is_active);
        assert_eq!(disabled.without_owner, [slug("aa"), slug("cc")]);
        let lost: Vec<_> = fixture.world.events.of::<OwnerLost>().into_iter().map(|event| event.organization_id).collect();
        assert_eq!(lost, [ids[0], ids[2]]);
        assert_eq!(fixture.world.events.of::<MemberSuspended>().len(), 3);
        assert_eq!(fixture.world.raw.number("SELECT count(*) FROM projects").await, 1);
        assert_eq!(fixture.roles(ids[0]).await.len(), 1);
        // Again it changes nothing.
        let again = members.disable_user(ada, Force::Yes, by_root.clone()).await.expect("disabled");
        assert_eq!(again.without_owner, []);
        assert_eq!(fixture.world.events.of::<OwnerLost>().len(), 2);
    }

    async fn an_operator_gives_an_organization_without_an_active_owner_one_of_its_members(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let ada = fixture.world.user("ada").await;
        fixture.world.join(acme, ada, Role::Owner).await;
        let bob = fixture.world.user("bob").await;
        fixture.world.join(acme, bob, Role::Viewer).await;
        let globex = fixture.world.organization("globex").await;
        let stranger = fixture.world.member(globex, Role::Admin).await.user();
        let foreign = NewOwner::Member(fixture.member_id(globex, stranger).await);
        let members = &fixture.organizations.members;

        assert_eq!(set_owner(&fixture, acme, NewOwner::User(bob)).await, "owner_exists");
        members.disable_user(ada, Force::Yes, Actor::system()).await.expect("disabled");
        assert_eq!(set_owner(&fixture, acme, NewOwner::User(stranger)).await, "member_not_found");
        assert_eq!(set_owner(&fixture, acme, foreign).await, "member_not_found");
        assert_eq!(set_owner(&fixture, acme, NewOwner::User(ada)).await, "owner_inactive");
        members.set_user_active(bob, false, Actor::system()).await.expect("disabled");
        assert_eq!(set_owner(&fixture, acme, NewOwner::User(bob)).await, "owner_inactive");
        members.set_user_active(bob, true, Actor::system()).await.expect("enabled");
        let member = NewOwner::Member(fixture.member_id(acme, bob).await);
        assert_eq!(set_owner(&fixture, acme, member).await, "done");
        let changed = fixture.world.events.of::<MemberRoleChanged>();
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].user_id, changed[0].new_role), (bob, Role::Owner));
        assert_eq!(set_owner(&fixture, acme, NewOwner::User(bob)).await, "owner_exists");
    }

    async fn one_of_two_concurrent_new_owners_gets_the_organization(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let mut giving = Vec::new();
        for _ in 0..2 {
            let user = fixture.world.member(acme, Role::Member).await.user();
            let operators = fixture.organizations.operators.clone();
            let owner = Some(NewOwner::User(user));
            let change = OrganizationChange { owner, ..OrganizationChange::default() };
            giving.push(tokio::spawn(async move {
                operators.change_organization(acme, change, Actor::system()).await
            }));
        }
        let mut codes = Vec::new();
        for given in giving {
            codes.push(code(given.await.expect("no panic")));
        }
        codes.sort_unstable();
        assert_eq!(codes, ["done", "owner_exists"]);
    }
}
