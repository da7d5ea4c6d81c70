//! Creating organizations.

use tenantry_core::{access::Role, id::OrganizationId};
use tenantry_domain_events::events::organizations::{OrganizationCreated, UserJoinedOrganization};
use tenantry_organizations::{NewOrganization, OrganizationsError};
use tenantry_testkit::each_database;

use crate::support::{Fixture, named, slug};

each_database! {
    async fn the_creator_owns_the_organization_and_both_events_are_recorded(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;

        let made = fixture.organizations.organizations.create(&caller, named("Acme")).await.expect("made");
        assert_eq!((made.slug.as_str(), made.role), ("acme", Role::Owner));

        let created = fixture.world.events.of::<OrganizationCreated>();
        assert_eq!(created.len(), 1);
        assert_eq!((created[0].organization_id, created[0].created_by_user_id), (made.id, user));
        let joined = fixture.world.events.of::<UserJoinedOrganization>();
        assert_eq!(joined.len(), 1);
        assert_eq!((joined[0].user_id, joined[0].role), (user, Role::Owner));
        assert_eq!(fixture.world.events.published()[0].actor_id, Some(user));
    }

    async fn an_organization_without_an_owner_is_not_created(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let unknown = fixture.world.runtime().new_id();
        let made = fixture.organizations.directory.create_for(unknown, named("Acme")).await;
        assert!(made.is_err());
        assert_eq!(fixture.world.raw.number("SELECT count(*) FROM organizations").await, 0);
        assert_eq!(fixture.world.events.names(), Vec::<String>::new());
    }

    async fn a_derived_slug_that_is_taken_gets_a_suffix(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        let mut slugs = Vec::new();
        for name in ["Acme", "Acme", "ACME!", "Admin", "???"] {
            let made = fixture.organizations.organizations.create(&caller, named(name)).await.expect("made");
            slugs.push(made.slug.to_string());
        }
        assert_eq!(slugs[0], "acme");
        assert!(slugs[1].starts_with("acme-") && slugs[2].starts_with("acme-"), "{slugs:?}");
        assert!(slugs[3].starts_with("admin-") && slugs[4].starts_with("org-"), "{slugs:?}");
    }

    async fn a_requested_slug_that_is_taken_is_refused(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        let new = || NewOrganization { slug: Some(slug("acme-corp")), ..named("Acme") };
        fixture.organizations.organizations.create(&caller, new()).await.expect("made");
        let again = fixture.organizations.organizations.create(&caller, new()).await;
        assert!(matches!(again, Err(OrganizationsError::SlugTaken)));
        assert_eq!(fixture.world.events.of::<OrganizationCreated>().len(), 1);
    }

    async fn a_reserved_slug_is_refused_and_never_derived(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        let new = NewOrganization { slug: Some(slug("projects")), ..named("Acme") };
        let refused = fixture.organizations.organizations.create(&caller, new).await;
        assert!(matches!(refused, Err(OrganizationsError::SlugReserved)), "{refused:?}");
        let derived = fixture.organizations.organizations.create(&caller, named("Projects")).await;
        let derived = derived.expect("created").slug;
        assert!(derived.as_str().starts_with("projects-"), "{derived}");
    }

    async fn concurrent_creations_with_the_same_name_both_succeed(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        let make = || fixture.organizations.organizations.create(&caller, named("Acme"));
        let (one, two) = tokio::join!(make(), make());
        let ids: [OrganizationId; 2] = [one.expect("made").id, two.expect("made").id];
        assert_ne!(ids[0], ids[1]);
    }
}
