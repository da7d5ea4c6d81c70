//! Reading and renaming an organization, and its members.

use chrono::TimeDelta;
use tenantry_core::{
    access::Role,
    page::{PageRequest, PageSize},
};
use tenantry_domain_events::events::organizations::OrganizationRenamed;
use tenantry_organizations::{OrganizationsError, grantable_roles};
use tenantry_testkit::{each_database, statements};

use crate::support::{Fixture, name};

fn page(limit: u32, cursor: Option<String>) -> PageRequest {
    PageRequest {
        limit: PageSize::new(limit).expect("valid"),
        cursor,
    }
}

each_database! {
    async fn members_are_listed_newest_first_with_their_accounts(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let ada = fixture.world.user("Ada").await;
        let ctx = fixture.world.join(acme, ada, Role::Viewer).await;
        fixture.world.clock.advance(TimeDelta::hours(1));
        let bob = fixture.world.user("Bob").await;
        fixture.world.join(acme, bob, Role::Owner).await;
        let globex = fixture.world.organization("globex").await;
        fixture.world.member(globex, Role::Owner).await;

        let members = fixture.organizations.members.members(&ctx, &page(10, None)).await.expect("listed");
        let listed: Vec<_> = members.items.iter().map(|m| (m.user_email.as_str(), m.user_name.as_str(), m.role)).collect();
        assert_eq!(listed, [("bob@example.com", "Bob", Role::Owner), ("ada@example.com", "Ada", Role::Viewer)]);
    }

    async fn any_number_of_members_costs_one_query(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let mut ctx = fixture.world.member(acme, Role::Owner).await;
        for _ in 0..24 {
            ctx = fixture.world.member(acme, Role::Member).await;
        }
        let (members, sent) = statements(fixture.organizations.members.members(&ctx, &page(20, None))).await;
        let members = members.expect("listed");
        assert_eq!(members.items.len(), 20);
        assert_eq!(sent.len(), 1, "{sent:#?}");

        let rest = page(20, members.next_cursor);
        let rest = fixture.organizations.members.members(&ctx, &rest).await.expect("listed");
        assert_eq!((rest.items.len(), rest.next_cursor), (5, None));
    }

    async fn a_cursor_of_another_organizations_members_is_refused(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let mut contexts = Vec::new();
        for slug in ["acme", "globex"] {
            let organization = fixture.world.organization(slug).await;
            fixture.world.member(organization, Role::Member).await;
            contexts.push(fixture.world.member(organization, Role::Member).await);
        }
        let first = fixture.organizations.members.members(&contexts[0], &page(1, None)).await.expect("listed");
        let foreign = page(1, first.next_cursor);
        let refused = fixture.organizations.members.members(&contexts[1], &foreign).await;
        assert!(matches!(refused, Err(OrganizationsError::Page(_))));
    }

    async fn admins_rename_and_members_do_not(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        for (role, allowed) in [(Role::Viewer, false), (Role::Member, false), (Role::Admin, true), (Role::Owner, true)] {
            let ctx = fixture.world.member(acme, role).await;
            let renamed = fixture.organizations.organizations.rename(&ctx, name(&format!("by {role}"))).await;
            assert_eq!(renamed.is_ok(), allowed, "{role}");
        }
        let ctx = fixture.world.member(acme, Role::Admin).await;
        fixture.organizations.organizations.rename(&ctx, name("by owner")).await.expect("nothing to do");
        assert_eq!(fixture.world.events.of::<OrganizationRenamed>().len(), 2);
        let rows = fixture.world.raw.query("SELECT name, slug FROM organizations").await;
        assert_eq!((rows[0]["name"].as_str(), rows[0]["slug"].as_str()), (Some("by owner"), Some("acme")));
    }

    async fn renaming_one_organization_leaves_the_others_unchanged(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        fixture.world.organization("globex").await;
        let ctx = fixture.world.member(acme, Role::Owner).await;
        fixture.organizations.organizations.rename(&ctx, name("New")).await.expect("renamed");
        let untouched = "SELECT count(*) FROM organizations WHERE name = 'globex' AND name_key = 'globex'";
        assert_eq!(fixture.world.raw.number(untouched).await, 1);
    }

    async fn one_member_is_read_and_a_foreign_one_is_unknown(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let viewer = fixture.world.member(acme, Role::Viewer).await;
        let globex = fixture.world.organization("globex").await;
        let stranger = fixture.world.member(globex, Role::Owner).await;
        let members = &fixture.organizations.members;
        let listed = members.members(&viewer, &page(1, None)).await.expect("listed").items;
        let id = listed[0].id;
        let one = members.member(&viewer, id).await.expect("a colleague");
        assert_eq!((one.user, one.role), (viewer.user(), Role::Viewer));
        let foreign = members.member(&stranger, id).await;
        assert!(matches!(foreign, Err(OrganizationsError::MemberNotFound)), "{foreign:?}");
    }

    async fn members_act_on_lower_and_equal_roles_and_give_no_higher_one(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let mut contexts = Vec::new();
        for role in Role::ALL {
            contexts.push(fixture.world.member(acme, role).await);
        }
        let [viewer, member, admin, owner] = &contexts[..] else { panic!("four roles") };
        let listed = fixture.organizations.members.members(owner, &page(10, None)).await.expect("listed").items;
        let manages = |ctx| {
            let mut roles: Vec<_> = listed.iter().filter(|member| member.is_manageable_by(ctx)).map(|member| member.role).collect();
            roles.sort();
            roles
        };
        for (ctx, roles) in [(viewer, 0), (member, 0), (admin, 3), (owner, 4)] {
            assert_eq!(manages(ctx), Role::ALL[..roles]);
            assert_eq!(grantable_roles(ctx), Role::ALL[..roles]);
        }
    }
}
