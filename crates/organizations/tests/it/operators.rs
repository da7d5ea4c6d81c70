//! What operators see and do, and the events of it.

use chrono::TimeDelta;
use tenantry_core::{
    access::{Actor, Operator, Role},
    page::PageRequest,
};
use tenantry_domain_events::events::organizations::{
    LimitsChanged, OperatorViewed, OrganizationDisabled, OrganizationEnabled, ReportViewed,
    ViewedResource,
};
use tenantry_organizations::{
    LimitsChange, MemberFilter, OrganizationChange, OrganizationFilter, OrganizationsError,
};
use tenantry_testkit::{each_database, statements};

use crate::support::Fixture;

async fn operator(fixture: &Fixture, name: &str, is_superuser: bool) -> Operator {
    let user = fixture.world.user(name).await;
    let session = fixture.session(user, name).await;
    fixture
        .world
        .issuer
        .operator((*session).clone(), is_superuser)
}

async fn found(fixture: &Fixture, operator: &Operator, wanted: OrganizationFilter) -> Vec<String> {
    let request = PageRequest::default();
    let page = fixture
        .organizations
        .operators
        .search_organizations(operator, &wanted, &request)
        .await;
    let items = page.expect("listed").items;
    items
        .into_iter()
        .map(|organization| organization.slug.to_string())
        .collect()
}

each_database! {
    async fn superusers_see_all_organizations_and_other_staff_their_own(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (root, staff) = (operator(&fixture, "root", true).await, operator(&fixture, "staff", false).await);
        for slug in ["acme", "globex", "initech"] {
            let organization = fixture.world.organization(slug).await;
            fixture.world.member(organization, Role::Owner).await;
            if slug != "acme" {
                fixture.world.join(organization, staff.user(), Role::Viewer).await;
            }
        }
        fixture.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'initech'").await;
        let all = OrganizationFilter::default;
        assert_eq!(found(&fixture, &root, all()).await, ["acme", "globex", "initech"]);
        assert_eq!(found(&fixture, &staff, all()).await, ["globex", "initech"]);
        let disabled = || OrganizationFilter { is_active: Some(false), ..all() };
        assert_eq!(found(&fixture, &root, disabled()).await, ["initech"]);
        let named = |text: &str| OrganizationFilter { text: Some(text.to_owned()), ..all() };
        assert_eq!(found(&fixture, &root, named("GLOB")).await, ["globex"]);
        assert_eq!(found(&fixture, &staff, named("acme")).await, [""; 0]);
        assert_eq!(found(&fixture, &root, named("%")).await, [""; 0]);
    }

    async fn each_organization_records_views_of_its_members(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (root, staff) = (operator(&fixture, "root", true).await, operator(&fixture, "staff", false).await);
        let acme = fixture.world.organization("acme").await;
        let globex = fixture.world.organization("globex").await;
        for organization in [acme, globex, globex] {
            fixture.world.member(organization, Role::Owner).await;
        }
        fixture.world.join(acme, staff.user(), Role::Viewer).await;
        let look = async |operator: &Operator, wanted| {
            let request = PageRequest::default();
            let page = fixture.organizations.operators.search_members(operator, wanted, &request).await;
            page.expect("listed").items.len()
        };
        assert_eq!(look(&root, MemberFilter::default()).await, 4);
        assert_eq!(look(&root, MemberFilter { role: Some(Role::Owner), organization: Some(globex) }).await, 2);
        assert_eq!(look(&staff, MemberFilter::default()).await, 2);
        // An empty page records nothing.
        assert_eq!(look(&staff, MemberFilter { organization: Some(globex), role: None }).await, 0);

        let looks = fixture.world.events.of::<OperatorViewed>();
        assert!(looks.iter().all(|look| look.at == ViewedResource::Members));
        let looks: Vec<_> = looks.iter().map(|look| (look.organization_id, look.members)).collect();
        assert_eq!(looks, [(acme, 2), (globex, 2), (globex, 2), (acme, 2)]);
        let actors: Vec<_> = fixture.world.events.published().iter().map(|recorded| recorded.actor_id).collect();
        assert_eq!(actors[0], Some(root.user()));
        assert_eq!(actors[3], Some(staff.user()));
    }

    async fn only_actual_changes_are_recorded(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let change = async |is_active, limits| {
            let change = OrganizationChange { is_active, limits, owner: None };
            let changed = fixture.organizations.operators.change_organization(acme, change, Actor::system()).await;
            changed.expect("changed")
        };
        let seats = |number: Option<u32>| LimitsChange {
            seats: Some(number.map(|number| number.try_into().expect("fits"))),
            projects: None,
        };
        assert!(change(Some(true), LimitsChange::default()).await.is_active);
        assert_eq!(fixture.world.events.names(), [""; 0]);
        assert!(!change(Some(false), LimitsChange::default()).await.is_active);
        change(Some(false), LimitsChange::default()).await;
        change(Some(true), LimitsChange::default()).await;
        assert_eq!(change(None, seats(Some(5))).await.limits.seats, Some(5));
        change(None, seats(Some(5))).await;
        let lifted = change(None, seats(None)).await;
        assert_eq!((lifted.limits.seats, lifted.is_active), (None, true));
        let events = &fixture.world.events;
        assert_eq!(events.of::<OrganizationDisabled>().len(), 1);
        assert_eq!(events.of::<OrganizationEnabled>().len(), 1);
        let limits: Vec<_> = events.of::<LimitsChanged>().iter().map(|recorded| recorded.seats).collect();
        assert_eq!(limits, [Some(5), None]);
        assert_eq!(events.published().len(), 4);
    }

    async fn the_report_takes_a_query_per_quota_and_its_view_is_recorded(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let root = operator(&fixture, "root", true).await;
        for (slug, members, projects) in [("acme", 3, 2), ("globex", 1, 0)] {
            let organization = fixture.world.organization(slug).await;
            fixture.world.clock.advance(TimeDelta::hours(1));
            for _ in 0..members {
                fixture.world.member(organization, Role::Member).await;
            }
            if projects > 0 {
                fixture.set_projects(organization, projects);
            }
        }
        fixture.world.organization("empty").await;
        let request = PageRequest::default();
        let (page, sent) = statements(fixture.organizations.operators.report(&root, &request)).await;
        let page = page.expect("a report");
        let numbers: Vec<_> = page.items.iter()
            .map(|row| (row.organization.slug.as_str(), row.members, row.projects, row.last_activity.is_some()))
            .collect();
        assert_eq!(numbers, [("acme", 3, 2, true), ("globex", 1, 0, false), ("empty", 0, 0, false)]);
        let selects: Vec<_> = sent.iter().filter(|sql| sql.starts_with("SELECT")).collect();
        assert_eq!(selects.len(), 2, "{sent:#?}");
        let viewed = fixture.world.events.of::<ReportViewed>();
        assert_eq!(viewed, [ReportViewed { user_id: root.user(), organizations: 3 }]);
    }

    async fn a_dedicated_deployment_has_no_report(db: TestDatabase) {
        let fixture = Fixture::dedicated(db, "acme").await;
        let root = operator(&fixture, "root", true).await;
        let report = fixture.organizations.operators.report(&root, &PageRequest::default()).await;
        assert!(matches!(report, Err(OrganizationsError::RouteNotFound)));
        assert_eq!(fixture.world.events.names(), [""; 0]);
    }
}
