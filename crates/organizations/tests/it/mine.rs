//! The caller's organizations.

use tenantry_core::{
    access::{Actor, Role},
    page::{PageRequest, PageSize},
};
use tenantry_organizations::{NewMember, OrganizationsError};
use tenantry_testkit::each_database;

use crate::support::Fixture;

each_database! {
    async fn a_user_sees_only_organizations_with_a_membership(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let caller = fixture.session(user, "key").await;
        for slug in ["cc", "aa", "bb", "dd"] {
            let organization = fixture.world.organization(slug).await;
            if slug != "dd" {
                fixture.world.join(organization, user, Role::Member).await;
            }
        }
        fixture.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'bb'").await;

        let request = PageRequest { limit: PageSize::new(1).expect("valid"), cursor: None };
        let first = fixture.organizations.organizations.list_mine(&caller, &request).await.expect("listed");
        let request = PageRequest { cursor: first.next_cursor, ..request };
        let second = fixture.organizations.organizations.list_mine(&caller, &request).await.expect("listed");
        let slugs = [first.items[0].slug.as_str(), second.items[0].slug.as_str()];
        assert_eq!(slugs, ["aa", "cc"]);
        assert_eq!(second.next_cursor, None);

        // A cursor is valid for its owner only.
        let bob = fixture.world.user("bob").await;
        let bob = fixture.session(bob, "bob").await;
        let refused = fixture.organizations.organizations.list_mine(&bob, &request).await;
        assert!(matches!(refused, Err(OrganizationsError::Page(_))));
    }

    async fn a_member_can_not_be_added_twice(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let user = fixture.world.user("ada").await;
        let new = |role| NewMember { user, role };
        let add = |role| fixture.organizations.members.add_member(acme, new(role), Actor::system());
        add(Role::Viewer).await.expect("added");
        let again = add(Role::Owner).await;
        assert!(matches!(again, Err(OrganizationsError::AlreadyMember)));
        assert_eq!(fixture.world.events.names(), ["organizations.member_joined"]);
        let viewers = "SELECT count(*) FROM organization_members WHERE role = 'viewer'";
        assert_eq!(fixture.world.raw.number(viewers).await, 1);
    }
}
