//! Queries of other modules and commands about memberships.

use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::support::Fixture;

each_database! {
    async fn memberships_are_queried_by_organization_and_role(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let acme = fixture.world.organization("acme").await;
        fixture.world.join(acme, user, Role::Admin).await;
        let foreign = fixture.world.organization("foreign").await;
        fixture.world.member(foreign, Role::Owner).await;
        let closed = fixture.world.organization("closed").await;
        fixture.world.join(closed, user, Role::Owner).await;
        fixture.world.raw.execute("UPDATE organizations SET is_active = false WHERE slug = 'closed'").await;

        let organizations = &fixture.organizations;
        let own = organizations.members.organizations_of(user).await.expect("listed");
        let own: Vec<_> = own.iter().map(|own| (own.slug.as_str(), own.role)).collect();
        assert_eq!(own, [("acme", Role::Admin)]);

        let found = organizations.members.membership(acme, user).await.expect("found").expect("a member");
        assert_eq!((found.id, found.role), (acme, Role::Admin));
        for organization in [foreign, closed, fixture.world.runtime().new_id()] {
            assert_eq!(organizations.members.membership(organization, user).await.expect("queried"), None);
            assert!(!organizations.members.belongs_to(organization, user).await.expect("queried"));
        }
        assert!(organizations.members.belongs_to(acme, user).await.expect("queried"));
        for (roles, has) in [
            (vec![Role::Admin], true),
            (vec![Role::Owner, Role::Admin], true),
            (vec![Role::Owner, Role::Member, Role::Viewer], false),
            (vec![], false),
        ] {
            assert_eq!(organizations.members.has_role(acme, user, &roles).await.expect("queried"), has);
        }
    }
}
