//! The steps of a history.

use tenantry_core::access::Role;

/// A user, by name and local part of the address.
pub(super) type Person = &'static str;

/// An organization, by its slug.
pub(super) type Slug = &'static str;

pub(super) const PERSONS: [Person; 3] = ["ada", "grace", "joan"];

pub(super) const ORGANIZATIONS: [Slug; 3] = ["alpha", "beta", "gamma"];

/// An organization that is never created.
pub(super) const NOWHERE: Slug = "nowhere";

/// The number of cookie jars.
pub(super) const BROWSERS: usize = 4;

/// A project, chosen by a number modulo the number of candidates, so that a step stays valid
/// when shrinking removes earlier ones.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pick {
    /// A project in the request's organization.
    InOrganization(u8),
    /// Any project created so far, deleted or not, or one that was never created.
    Any(u8),
}

/// One step of a history.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// A request to the API.
    Request {
        browser: usize,
        header: Option<Slug>,
        command: Command,
    },
    /// An operator's action, for what no route does.
    Operator(OperatorAction),
}

/// What a request does.
#[derive(Clone, Debug)]
pub(super) enum Command {
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
pub(super) enum OperatorAction {
    Join(Slug, Person, Role),
    SetRole(Slug, Person, Role),
    Remove(Slug, Person),
    Close(Slug),
    Open(Slug),
    Disable(Person),
    Enable(Person),
}
