//! What concerns a person in many organizations takes a bounded transaction, and reaches each of them.

use std::collections::BTreeMap;

use tenantry_core::{
    access::{Actor, Operator, Role},
    event::DomainEvent,
    id::{OrganizationId, UserId},
    page::PageRequest,
};
use tenantry_domain_events::{
    Dispatcher,
    events::organizations::{
        EntriesDue, MemberReinstated, MemberSuspended, OperatorViewed, ViewedResource,
    },
};
use tenantry_organizations::{Force, MEMBERSHIPS_SHOWN};
use tenantry_testkit::{each_database, statements};
use tenantry_users::UserFilter;

use crate::support::Fixture;

/// The largest number of entries in one transaction.
const BATCH: usize = 200;

async fn superuser(fixture: &Fixture) -> Operator {
    let user = fixture.world.user("root").await;
    let session = fixture.session(user, "root").await;
    fixture.world.issuer.operator((*session).clone(), true)
}

/// Makes organizations with these members.
async fn organizations(
    fixture: &Fixture,
    number: usize,
    members: &[UserId],
    role: Role,
) -> Vec<OrganizationId> {
    let mut made = Vec::new();
    for n in 0..number {
        let organization = fixture.world.organization(&format!("o{n:03}")).await;
        for member in members {
            fixture.world.join(organization, *member, role).await;
        }
        made.push(organization);
    }
    made
}

/// How many events of this type are recorded in each organization.
fn entries<E: DomainEvent>(fixture: &Fixture) -> BTreeMap<OrganizationId, usize> {
    let mut entries = BTreeMap::new();
    for event in fixture.world.events.of::<E>() {
        let organization = event.organization().expect("an event of an organization");
        *entries.entry(organization).or_default() += 1;
    }
    entries
}

/// Asserts that one transaction recorded a batch, and that each organization has one entry when the
/// due ones are recorded, too.
async fn assert_one_in_each<E: DomainEvent>(fixture: &Fixture, organizations: &[OrganizationId]) {
    let first = entries::<E>(fixture).len();
    assert!((1..=BATCH).contains(&first), "{first}");
    Dispatcher::drain(fixture.world.events.bus(), &fixture.world.queue).await;
    let expected = organizations.iter().map(|id| (*id, 1)).collect();
    assert_eq!(entries::<E>(fixture), expected);
}

each_database! {
    async fn a_view_of_an_account_is_recorded_in_each_of_many_organizations(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let ada = fixture.world.user("ada").await;
        let all = organizations(&fixture, 2 * BATCH + 50, &[ada], Role::Viewer).await;
        let root = superuser(&fixture).await;
        let (wanted, request) = (UserFilter::default(), PageRequest::default());
        let page = fixture.organizations.operators.search_users(&root, &wanted, &request).await;
        assert_eq!(page.expect("listed").items.len(), 2);
        assert_one_in_each::<OperatorViewed>(&fixture, &all).await;
        let recorded = fixture.world.events.published();
        assert!(recorded.iter().all(|event| event.actor_id == Some(root.user())));
        assert_eq!(fixture.world.events.of::<EntriesDue>().len(), 2);
    }

    async fn an_organization_between_two_batches_has_one_entry_for_all_accounts(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let mut members = Vec::new();
        for name in ["ada", "bea", "cem"] {
            members.push(fixture.world.user(name).await);
        }
        let all = organizations(&fixture, 100, &members, Role::Viewer).await;
        let root = superuser(&fixture).await;
        let (wanted, request) = (UserFilter::default(), PageRequest::default());
        let page = fixture.organizations.operators.search_users(&root, &wanted, &request).await;
        assert_eq!(page.expect("listed").items.len(), 4);
        assert_one_in_each::<OperatorViewed>(&fixture, &all).await;
        for viewed in fixture.world.events.of::<OperatorViewed>() {
            assert_eq!((viewed.at, viewed.members), (ViewedResource::Accounts, 3));
        }
    }

    async fn disabling_and_enabling_reach_each_of_many_organizations(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let ada = fixture.world.user("ada").await;
        let all = organizations(&fixture, 2 * BATCH + 50, &[ada], Role::Viewer).await;
        let members = &fixture.organizations.members;
        let disabled = members.disable_user(ada, Force::No, Actor::system()).await.expect("disabled");
        assert!(!disabled.user.is_active);
        assert_one_in_each::<MemberSuspended>(&fixture, &all).await;
        let enabled = members.set_user_active(ada, true, Actor::system()).await.expect("enabled");
        assert!(enabled.is_active);
        assert_one_in_each::<MemberReinstated>(&fixture, &all).await;
        assert_eq!(fixture.world.events.of::<OperatorViewed>(), []);
    }

    async fn a_disabled_and_enabled_account_is_recorded_in_this_order_everywhere(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let ada = fixture.world.user("ada").await;
        organizations(&fixture, BATCH + 10, &[ada], Role::Viewer).await;
        let members = &fixture.organizations.members;
        // The second change comes before the rest of the first one is recorded.
        for is_active in [false, true] {
            members.set_user_active(ada, is_active, Actor::system()).await.expect("changed");
        }
        Dispatcher::drain(fixture.world.events.bus(), &fixture.world.queue).await;
        let reversed = "SELECT count(*) AS n FROM event_log s JOIN event_log r ON r.stream_id = s.stream_id
            WHERE s.name = 'organizations.member_suspended'
              AND r.name = 'organizations.member_reinstated' AND r.number < s.number";
        assert_eq!(fixture.world.raw.number(reversed).await, 0);
        assert_eq!(entries::<MemberReinstated>(&fixture).len(), BATCH + 10);
    }

    async fn the_organizations_of_an_owner_are_locked_as_a_set(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let (ada, bea) = (fixture.world.user("ada").await, fixture.world.user("bea").await);
        organizations(&fixture, 30, &[ada, bea], Role::Owner).await;
        let disabled = fixture.organizations.members.disable_user(ada, Force::No, Actor::system());
        let (disabled, sent) = statements(disabled).await;
        assert!(!disabled.expect("others stay").user.is_active);
        let of = |table: &str| {
            let from = format!("FROM \"{table}\"");
            sent.iter().filter(|sql| sql.contains(&from)).count()
        };
        assert_eq!(of("organizations"), 1, "{sent:#?}");
        // What is owned before and after the locks, and by others.
        assert_eq!(of("active_owners"), 3, "{sent:#?}");
    }

    async fn at_most_a_hundred_organizations_of_an_account_are_listed(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let ada = fixture.world.user("ada").await;
        organizations(&fixture, 101, &[ada], Role::Viewer).await;
        let own = fixture.organizations.members.organizations_of(ada).await.expect("listed");
        assert_eq!(own.len(), MEMBERSHIPS_SHOWN);
    }
}
