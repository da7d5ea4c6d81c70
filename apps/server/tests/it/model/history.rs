//! Generation of random histories.

use proptest::{
    collection::vec,
    option,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::select,
    strategy::Union,
};
use tenantry_core::access::Role;

use super::step::{
    BROWSERS, Command, NOWHERE, ORGANIZATIONS, OperatorAction, PERSONS, Person, Pick, Slug, Step,
};

/// About 40 steps: a setup phase with users and organizations, then arbitrary steps. Shrinking
/// only removes steps and never changes them, which is fast and gives short histories.
pub(super) fn histories() -> impl Strategy<Value = Vec<Step>> {
    let halves = (setup(), vec(any_step().no_shrink(), 0..=64));
    halves.prop_map(|(setup, rest)| setup.into_iter().flatten().chain(rest).collect())
}

/// Each of its steps is sometimes missing.
fn setup() -> Vec<BoxedStrategy<Option<Step>>> {
    let plain = |browser, command| {
        Just(Step::Request {
            browser,
            header: None,
            command,
        })
    };
    let mut steps = Vec::new();
    for (browser, person) in PERSONS.into_iter().enumerate() {
        steps.push(plain(browser, Command::SignUp(person)).boxed());
        let organization = ORGANIZATIONS[browser];
        steps.push(plain(browser, Command::CreateOrganization(organization)).boxed());
    }
    steps.push(plain(BROWSERS - 1, Command::LogIn(PERSONS[0])).boxed());
    steps.extend((0..7).map(|_| operator(joining())));
    steps.extend((0..9).map(|_| request(Just(Command::CreateProject))));
    steps.extend((0..4).map(|_| request(any_organization().prop_map(Command::Switch))));
    let sometimes_missing =
        |step: BoxedStrategy<_>| option::weighted(0.95, step.no_shrink()).boxed();
    steps.into_iter().map(sometimes_missing).collect()
}

fn any_step() -> impl Strategy<Value = Step> {
    Union::new_weighted(vec![
        (45, projects()),
        (20, organizations()),
        (10, request(accounts())),
        (20, operator(actions())),
    ])
}

fn projects() -> BoxedStrategy<Step> {
    let set_status = (
        vec(pick(), 1..=3),
        select(vec!["draft", "active", "archived"]),
    );
    request(prop_oneof![
        8 => Just(Command::CreateProject),
        8 => (any::<bool>(), limit()).prop_map(|(by_name, limit)| Command::Projects { by_name, limit }),
        6 => pick().prop_map(Command::Project),
        6 => pick().prop_map(Command::RenameProject),
        3 => pick().prop_map(Command::DeleteProject),
        5 => set_status.prop_map(|(of, status)| Command::SetStatus { of, status }),
    ])
}

fn organizations() -> BoxedStrategy<Step> {
    request(prop_oneof![
        5 => any_organization().prop_map(Command::Switch),
        3 => Just(Command::CurrentOrganization),
        2 => any_organization().prop_map(Command::Organization),
        2 => any_organization().prop_map(Command::RenameOrganization),
        3 => (any_organization(), limit()).prop_map(|(of, limit)| Command::Members { of, limit }),
        2 => made().prop_map(Command::CreateOrganization),
        2 => limit().prop_map(|limit| Command::Organizations { limit }),
    ])
}

fn accounts() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => person().prop_map(Command::LogIn),
        4 => Just(Command::Me),
        1 => person().prop_map(Command::SignUp),
        1 => Just(Command::LogOut),
    ]
}

fn actions() -> impl Strategy<Value = OperatorAction> {
    prop_oneof![
        5 => joining(),
        3 => (made(), person(), role()).prop_map(|(of, person, role)| OperatorAction::SetRole(of, person, role)),
        4 => (made(), person()).prop_map(|(of, person)| OperatorAction::Remove(of, person)),
        4 => made().prop_map(OperatorAction::Close),
        5 => made().prop_map(OperatorAction::Open),
        2 => person().prop_map(OperatorAction::Disable),
        4 => person().prop_map(OperatorAction::Enable),
    ]
}

fn joining() -> impl Strategy<Value = OperatorAction> {
    (made(), person(), role()).prop_map(|(of, person, role)| OperatorAction::Join(of, person, role))
}

fn request(command: impl Strategy<Value = Command> + 'static) -> BoxedStrategy<Step> {
    let header = option::weighted(0.4, any_organization());
    let parts = (0..BROWSERS, header, command);
    let request = parts.prop_map(|(browser, header, command)| Step::Request {
        browser,
        header,
        command,
    });
    request.boxed()
}

fn operator(action: impl Strategy<Value = OperatorAction> + 'static) -> BoxedStrategy<Step> {
    action.prop_map(Step::Operator).boxed()
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
        2 => any::<u8>().prop_map(Pick::InOrganization),
    ]
}

fn limit() -> impl Strategy<Value = u8> {
    1..=5_u8
}
