//! A person's own organizations.

use tenantry_core::{
    access::{Actor, Role},
    page::{PageRequest, PageSize},
};
use tenantry_organizations::{NewMember, OrganizationsError};
use tenantry_testkit::each_database;

use crate::support::Stage;

each_database! {
    async fn a_person_sees_the_organizations_he_belongs_to_and_no_other(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let caller = stage.session(user, "key").await;
        for slug in ["cc", "aa", "bb", "dd"] {
            let organization = stage.world.organization(slug).await;
            if slug != "dd" {
                stage.world.join(organization, user, Role::Member).await;
            }
        }
        stage.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'bb'").await;

        let request = PageRequest { limit: PageSize::new(1).expect("valid"), cursor: None };
        let first = stage.organizations.own(&caller, &request).await.expect("listed");
        let request = PageRequest { cursor: first.next_cursor, ..request };
        let second = stage.organizations.own(&caller, &request).await.expect("listed");
        let slugs = [first.items[0].slug.as_str(), second.items[0].slug.as_str()];
        assert_eq!(slugs, ["aa", "cc"]);
        assert_eq!(second.next_cursor, None);

        // A cursor is its owner's.
        let bob = stage.world.user("bob").await;
        let bob = stage.session(bob, "bob").await;
        let refused = stage.organizations.own(&bob, &request).await;
        assert!(matches!(refused, Err(OrganizationsError::Page(_))));
    }

    async fn a_member_can_not_be_added_twice(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let user = stage.world.user("ada").await;
        let new = |role| NewMember { user, role };
        let add = |role| stage.organizations.add_member(acme, new(role), Actor::system());
        add(Role::Viewer).await.expect("added");
        let again = add(Role::Owner).await;
        assert!(matches!(again, Err(OrganizationsError::AlreadyMember)));
        assert_eq!(stage.world.events.names(), ["organizations.member_joined"]);
        let viewers = "SELECT count(*) FROM organization_members WHERE role = 'viewer'";
        assert_eq!(stage.world.raw.number(viewers).await, 1);
    }
}
