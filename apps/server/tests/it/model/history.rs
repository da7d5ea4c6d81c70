//! Random histories.

use proptest::{
    collection::vec,
    option,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::select,
    strategy::Union,
};
use tenantry_core::access::Role;

use super::step::{
    BROWSERS, Hand, NOWHERE, ORGANIZATIONS, PERSONS, Person, Pick, Slug, Step, Wish,
};

/// Some 40 steps: a beginning in which people and organizations find together, and then
/// anything. Shrinking takes steps out and leaves those that stay as they are: that is quick, and
/// what is left is short.
pub(super) fn histories() -> impl Strategy<Value = Vec<Step>> {
    let halves = (beginning(), vec(any_step().no_shrink(), 0..=64));
    halves.prop_map(|(beginning, rest)| beginning.into_iter().flatten().chain(rest).collect())
}

/// Each of its steps is missing now and then.
fn beginning() -> Vec<BoxedStrategy<Option<Step>>> {
    let alone = |browser, wish| {
        Just(Step::Request {
            browser,
            header: None,
            wish,
        })
    };
    let mut steps = Vec::new();
    for (browser, person) in PERSONS.into_iter().enumerate() {
        steps.push(alone(browser, Wish::SignUp(person)).boxed());
        let organization = ORGANIZATIONS[browser];
        steps.push(alone(browser, Wish::CreateOrganization(organization)).boxed());
    }
    steps.push(alone(BROWSERS - 1, Wish::LogIn(PERSONS[0])).boxed());
    steps.extend((0..7).map(|_| operator(joining())));
    steps.extend((0..9).map(|_| request(Just(Wish::CreateProject))));
    steps.extend((0..4).map(|_| request(any_organization().prop_map(Wish::Switch))));
    let missing_now_and_then =
        |step: BoxedStrategy<_>| option::weighted(0.95, step.no_shrink()).boxed();
    steps.into_iter().map(missing_now_and_then).collect()
}

fn any_step() -> impl Strategy<Value = Step> {
    Union::new_weighted(vec![
        (45, projects()),
        (20, organizations()),
        (10, request(accounts())),
        (20, operator(hands())),
    ])
}

fn projects() -> BoxedStrategy<Step> {
    let set_status = (
        vec(pick(), 1..=3),
        select(vec!["draft", "active", "archived"]),
    );
    request(prop_oneof![
        8 => Just(Wish::CreateProject),
        8 => (any::<bool>(), limit()).prop_map(|(by_name, limit)| Wish::Projects { by_name, limit }),
        6 => pick().prop_map(Wish::Project),
        6 => pick().prop_map(Wish::RenameProject),
        3 => pick().prop_map(Wish::DeleteProject),
        5 => set_status.prop_map(|(of, status)| Wish::SetStatus { of, status }),
    ])
}

fn organizations() -> BoxedStrategy<Step> {
    request(prop_oneof![
        5 => any_organization().prop_map(Wish::Switch),
        3 => Just(Wish::CurrentOrganization),
        2 => any_organization().prop_map(Wish::Organization),
        2 => any_organization().prop_map(Wish::RenameOrganization),
        3 => (any_organization(), limit()).prop_map(|(of, limit)| Wish::Members { of, limit }),
        2 => made().prop_map(Wish::CreateOrganization),
        2 => limit().prop_map(|limit| Wish::Organizations { limit }),
    ])
}

fn accounts() -> impl Strategy<Value = Wish> {
    prop_oneof![
        4 => person().prop_map(Wish::LogIn),
        4 => Just(Wish::Me),
        1 => person().prop_map(Wish::SignUp),
        1 => Just(Wish::LogOut),
    ]
}

fn hands() -> impl Strategy<Value = Hand> {
    prop_oneof![
        5 => joining(),
        3 => (made(), person(), role()).prop_map(|(of, whom, role)| Hand::SetRole(of, whom, role)),
        4 => (made(), person()).prop_map(|(of, whom)| Hand::Remove(of, whom)),
        4 => made().prop_map(Hand::Close),
        5 => made().prop_map(Hand::Open),
        2 => person().prop_map(Hand::Disable),
        4 => person().prop_map(Hand::Enable),
    ]
}

fn joining() -> impl Strategy<Value = Hand> {
    (made(), person(), role()).prop_map(|(of, whom, role)| Hand::Join(of, whom, role))
}

fn request(wish: impl Strategy<Value = Wish> + 'static) -> BoxedStrategy<Step> {
    let header = option::weighted(0.4, any_organization());
    let parts = (0..BROWSERS, header, wish);
    let request = parts.prop_map(|(browser, header, wish)| Step::Request {
        browser,
        header,
        wish,
    });
    request.boxed()
}

fn operator(hand: impl Strategy<Value = Hand> + 'static) -> BoxedStrategy<Step> {
    hand.prop_map(Step::Operator).boxed()
}

fn person() -> impl Strategy<Value = Person> {
    select(PERSONS.to_vec())
}

fn made() -> impl Strategy<Value = Slug> {
    select(ORGANIZATIONS.to_vec())
}

fn any_organization() -> impl Strategy<Value = Slug> {
    prop_oneof![11 => made(), 1 => Just(NOWHERE)]
}

fn role() -> impl Strategy<Value = Role> {
    select(Role::ALL.to_vec())
}

fn pick() -> impl Strategy<Value = Pick> {
    prop_oneof![
        1 => any::<u8>().prop_map(Pick::Any),
        2 => any::<u8>().prop_map(Pick::Near),
    ]
}

fn limit() -> impl Strategy<Value = u8> {
    1..=5_u8
}
