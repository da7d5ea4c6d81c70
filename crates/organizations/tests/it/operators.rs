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
    LimitsChange, MemberFilter, OrganizationChange, OrganizationFilter, OrganizationState,
    OrganizationsError, ReportColumn, ReportOrder,
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
        .map(|found| found.organization.slug.to_string())
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
            let page = fixture.organizations.operators.search_members(operator, &wanted, &request).await;
            page.expect("listed").items.len()
        };
        assert_eq!(look(&root, MemberFilter::default()).await, 4);
        assert_eq!(look(&root, MemberFilter { role: Some(Role::Owner), organization: Some(globex), ..MemberFilter::default() }).await, 2);
        assert_eq!(look(&staff, MemberFilter::default()).await, 2);
        // An empty page records nothing.
        assert_eq!(look(&staff, MemberFilter { organization: Some(globex), ..MemberFilter::default() }).await, 0);

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
            let state = |is_active| match is_active {
                true => OrganizationState::Active,
                false => OrganizationState::Disabled { reason: Some("unpaid".parse().expect("valid")) },
            };
            let change = OrganizationChange { state: Option::map(is_active, state), limits, owner: None };
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
        let reason = Some("unpaid".parse().expect("valid"));
        assert_eq!(events.of::<OrganizationDisabled>(), [OrganizationDisabled { organization_id: acme, reason }]);
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
    async fn members_are_found_by_the_person_and_by_the_organization(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let root = operator(&fixture, "root", true).await;
        for (slug, person) in [("acme", "Ada"), ("globex", "Grace")] {
            let organization = fixture.world.organization(slug).await;
            let user = fixture.world.user(person).await;
            fixture.world.join(organization, user, Role::Member).await;
        }
        let found = async |person: Option<&str>, organization: Option<&str>| {
            let wanted = MemberFilter {
                person: person.map(str::to_owned),
                organization_text: organization.map(str::to_owned),
                ..MemberFilter::default()
            };
            let request = PageRequest::default();
            let page = fixture.organizations.operators.search_members(&root, &wanted, &request).await;
            let items = page.expect("listed").items.into_iter();
            items.map(|member| member.organization.slug.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found(Some("GRA"), None).await, ["globex"]);
        assert_eq!(found(None, Some("ACM")).await, ["acme"]);
        assert_eq!(found(Some("grace"), Some("acme")).await, [""; 0]);
        assert_eq!(found(Some("%"), None).await, [""; 0]);
    }

    async fn organizations_are_listed_with_what_they_hold(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let root = operator(&fixture, "root", true).await;
        let acme = fixture.world.organization("acme").await;
        fixture.world.member(acme, Role::Owner).await;
        fixture.world.member(acme, Role::Viewer).await;
        fixture.set_projects(acme, 3);
        let (all, request) = (OrganizationFilter::default(), PageRequest::default());
        let page = fixture.organizations.operators.search_organizations(&root, &all, &request).await;
        let page = page.expect("listed");
        assert_eq!((page.items[0].members, page.items[0].projects), (2, 3));
    }

    async fn the_report_is_sorted_by_each_column(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let root = operator(&fixture, "root", true).await;
        for (slug, members, projects) in [("beta", 1, 3), ("alpha", 3, 0), ("gamma", 2, 2)] {
            let organization = fixture.world.organization(slug).await;
            fixture.world.clock.advance(TimeDelta::hours(1));
            for _ in 0..members {
                fixture.world.member(organization, Role::Member).await;
            }
            if projects > 0 {
                fixture.set_projects(organization, projects);
            }
        }
        fixture.world.raw.execute("UPDATE organizations SET is_active = FALSE WHERE slug = 'beta'").await;
        let sorted = async |column, is_descending| {
            let order = ReportOrder { column, is_descending };
            let rows = fixture.organizations.operators.sorted_report(&root, order).await.expect("a report");
            rows.into_iter().map(|row| row.organization.slug.to_string()).collect::<Vec<_>>()
        };
        for (column, ascending) in [
            (ReportColumn::Name, ["alpha", "beta", "gamma"]),
            (ReportColumn::Slug, ["alpha", "beta", "gamma"]),
            (ReportColumn::Members, ["beta", "gamma", "alpha"]),
            (ReportColumn::Projects, ["alpha", "gamma", "beta"]),
            (ReportColumn::State, ["alpha", "gamma", "beta"]),
        ] {
            assert_eq!(sorted(column, false).await, ascending, "{column:?}");
        }
        assert_eq!(sorted(ReportColumn::Members, true).await, ["alpha", "gamma", "beta"]);
        assert_eq!(sorted(ReportColumn::Created, true).await, ["gamma", "alpha", "beta"]);
        assert_eq!(sorted(ReportColumn::LastActivity, false).await[0], "alpha");
        assert_eq!(fixture.world.events.of::<ReportViewed>().len(), 8);
    }

    async fn an_operator_looks_into_an_organization_as_a_viewer_and_the_look_is_recorded(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (root, staff) = (operator(&fixture, "root", true).await, operator(&fixture, "staff", false).await);
        let acme = fixture.world.organization("acme").await;
        let globex = fixture.world.organization("globex").await;
        fixture.world.join(globex, staff.user(), Role::Owner).await;
        let operators = &fixture.organizations.operators;
        let request = PageRequest::default();
        let all = OrganizationFilter::default();
        let of_root = operators.look_into_all(&root, &all, &request).await.expect("seen").items;
        let seen: Vec<_> = of_root.iter().map(|view| (view.organization.id, view.context.organization())).collect();
        assert_eq!(seen, [(acme, acme), (globex, globex)]);
        let of_staff = operators.look_into_all(&staff, &all, &request).await.expect("seen").items;
        assert_eq!(of_staff.len(), 1);
        // The context is a viewer's, whatever the operator's role is.
        let context = &of_staff[0].context;
        assert_eq!((context.organization(), context.role()), (globex, Role::Viewer));
        let named = OrganizationFilter { text: Some("GLOB".to_owned()), ..all };
        let matching = operators.look_into_all(&root, &named, &request).await.expect("seen").items;
        assert_eq!(matching.iter().map(|view| view.organization.id).collect::<Vec<_>>(), [globex]);
        assert!(matches!(operators.look_into(&staff, acme).await, Err(OrganizationsError::NotFound)));
        assert!(operators.look_into(&root, acme).await.is_ok());
        let looks = fixture.world.events.of::<OperatorViewed>();
        let looks: Vec<_> = looks.iter().map(|look| (look.organization_id, look.at)).collect();
        let rows = ViewedResource::Rows;
        assert_eq!(looks, [(acme, rows), (globex, rows), (globex, rows), (globex, rows), (acme, rows)]);
    }

    async fn an_organization_that_is_being_deleted_is_not_looked_into(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let root = operator(&fixture, "root", true).await;
        let acme = fixture.world.organization("acme").await;
        fixture.organizations.deletion.mark_for_deletion_as(acme, Actor::system()).await.expect("marked");
        let request = PageRequest::default();
        let operators = &fixture.organizations.operators;
        assert!(matches!(operators.look_into(&root, acme).await, Err(OrganizationsError::NotFound)));
        let all = operators.look_into_all(&root, &OrganizationFilter::default(), &request).await;
        assert!(all.expect("none").items.is_empty());
    }
}
