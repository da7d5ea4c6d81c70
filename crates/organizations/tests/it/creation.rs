//! Making organizations.

use tenantry_core::{access::Role, id::OrganizationId};
use tenantry_domain_events::events::organizations::{OrganizationCreated, UserJoinedOrganization};
use tenantry_organizations::{NewOrganization, OrganizationsError};
use tenantry_testkit::each_database;

use crate::support::{Stage, named, slug};

each_database! {
    async fn whoever_creates_an_organization_owns_it_and_both_are_told(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let caller = stage.session(user, "key").await;

        let made = stage.organizations.create(&caller, named("Acme")).await.expect("made");
        assert_eq!((made.slug.as_str(), made.role), ("acme", Role::Owner));

        let created = stage.world.events.of::<OrganizationCreated>();
        assert_eq!(created.len(), 1);
        assert_eq!((created[0].organization_id, created[0].created_by_user_id), (made.id, user));
        let joined = stage.world.events.of::<UserJoinedOrganization>();
        assert_eq!(joined.len(), 1);
        assert_eq!((joined[0].user_id, joined[0].role), (user, Role::Owner));
        assert_eq!(stage.world.events.told()[0].actor_id, Some(user));
    }

    async fn an_organization_without_its_owner_is_not_made(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let nobody = stage.world.runtime().new_id();
        let made = stage.organizations.create_for(nobody, named("Acme")).await;
        assert!(made.is_err());
        assert_eq!(stage.world.raw.number("SELECT count(*) FROM organizations").await, 0);
        assert_eq!(stage.world.events.names(), Vec::<String>::new());
    }

    async fn a_taken_slug_gets_a_suffix_when_it_was_only_suggested(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let caller = stage.session(user, "key").await;
        let mut slugs = Vec::new();
        for name in ["Acme", "Acme", "ACME!", "Admin", "???"] {
            let made = stage.organizations.create(&caller, named(name)).await.expect("made");
            slugs.push(made.slug.to_string());
        }
        assert_eq!(slugs[0], "acme");
        assert!(slugs[1].starts_with("acme-") && slugs[2].starts_with("acme-"), "{slugs:?}");
        assert!(slugs[3].starts_with("admin-") && slugs[4].starts_with("org-"), "{slugs:?}");
    }

    async fn a_taken_slug_is_refused_when_it_was_asked_for(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let caller = stage.session(user, "key").await;
        let new = || NewOrganization { slug: Some(slug("acme-corp")), ..named("Acme") };
        stage.organizations.create(&caller, new()).await.expect("made");
        let again = stage.organizations.create(&caller, new()).await;
        assert!(matches!(again, Err(OrganizationsError::SlugTaken)));
        assert_eq!(stage.world.events.of::<OrganizationCreated>().len(), 1);
    }

    async fn two_who_create_the_same_name_at_once_both_get_an_organization(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let caller = stage.session(user, "key").await;
        let make = || stage.organizations.create(&caller, named("Acme"));
        let (one, two) = tokio::join!(make(), make());
        let ids: [OrganizationId; 2] = [one.expect("made").id, two.expect("made").id];
        assert_ne!(ids[0], ids[1]);
    }
}
