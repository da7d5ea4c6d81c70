//! What other modules and commands may ask about a person and an organization.

use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::support::Stage;

each_database! {
    async fn a_person_is_asked_for_by_organization_and_role(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let acme = stage.world.organization("acme").await;
        stage.world.join(acme, user, Role::Admin).await;
        let foreign = stage.world.organization("foreign").await;
        stage.world.member(foreign, Role::Owner).await;
        let closed = stage.world.organization("closed").await;
        stage.world.join(closed, user, Role::Owner).await;
        stage.world.raw.execute("UPDATE organizations SET is_active = false WHERE slug = 'closed'").await;

        let organizations = &stage.organizations;
        let own = organizations.organizations_of(user).await.expect("listed");
        let own: Vec<_> = own.iter().map(|own| (own.slug.as_str(), own.role)).collect();
        assert_eq!(own, [("acme", Role::Admin)]);

        let found = organizations.membership(acme, user).await.expect("found").expect("a member");
        assert_eq!((found.id, found.role), (acme, Role::Admin));
        for organization in [foreign, closed, stage.world.runtime().new_id()] {
            assert_eq!(organizations.membership(organization, user).await.expect("asked"), None);
            assert!(!organizations.belongs_to(organization, user).await.expect("asked"));
        }
        assert!(organizations.belongs_to(acme, user).await.expect("asked"));
        for (roles, has) in [
            (vec![Role::Admin], true),
            (vec![Role::Owner, Role::Admin], true),
            (vec![Role::Owner, Role::Member, Role::Viewer], false),
            (vec![], false),
        ] {
            assert_eq!(organizations.has_role(acme, user, &roles).await.expect("asked"), has);
        }
    }
}
