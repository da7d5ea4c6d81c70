//! What can happen in a history.

use tenantry_core::access::Role;

/// A person, by the name and the local part of the address.
pub(super) type Person = &'static str;

/// An organization, by its slug.
pub(super) type Slug = &'static str;

pub(super) const PERSONS: [Person; 3] = ["ada", "grace", "joan"];

pub(super) const ORGANIZATIONS: [Slug; 3] = ["alpha", "beta", "gamma"];

/// An organization that nobody ever makes.
pub(super) const NOWHERE: Slug = "nowhere";

/// How many cookie jars there are.
pub(super) const BROWSERS: usize = 4;

/// One of some projects: a number, taken modulo how many these are. So a step keeps a meaning
/// when steps before it are left out.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pick {
    /// One of those in the organization that the request acts in.
    Near(u8),
    /// One of those that were made so far, wherever, deleted or not; or one that never was.
    Any(u8),
}

/// One step of a history.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Somebody uses the API.
    Request {
        browser: usize,
        header: Option<Slug>,
        wish: Wish,
    },
    /// The operator's hand, for what no route does.
    Operator(Hand),
}

/// What a request is for.
#[derive(Clone, Debug)]
pub(super) enum Wish {
    SignUp(Person),
    LogIn(Person),
    LogOut,
    Me,
    Organizations { limit: u8 },
    CreateOrganization(Slug),
    CurrentOrganization,
    Organization(Slug),
    RenameOrganization(Slug),
    Members { of: Slug, limit: u8 },
    Switch(Slug),
    Projects { by_name: bool, limit: u8 },
    CreateProject,
    Project(Pick),
    RenameProject(Pick),
    DeleteProject(Pick),
    SetStatus { of: Vec<Pick>, status: &'static str },
}

/// What an operator does, past the API.
#[derive(Clone, Debug)]
pub(super) enum Hand {
    Join(Slug, Person, Role),
    SetRole(Slug, Person, Role),
    Remove(Slug, Person),
    Close(Slug),
    Open(Slug),
    Disable(Person),
    Enable(Person),
}
