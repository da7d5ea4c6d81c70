//! How much was tried: a test that tried nothing proves nothing.

use std::{collections::BTreeSet, fmt};

use super::{said::Said, step::Wish};

#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) histories: usize,
    pub(super) steps: usize,
    pub(super) requests: usize,
    /// The kinds of requests that were granted.
    granted: BTreeSet<&'static str>,
    /// The codes of those that were refused.
    refusals: BTreeSet<String>,
}

impl Figures {
    pub(super) fn predicted(&mut self, wish: &Wish, said: &Said) {
        if said.status < 300 {
            self.granted.insert(kind(wish));
        } else {
            self.refusals.extend(said.lines.iter().cloned());
        }
    }

    /// Whether every kind of request was granted, and every kind of refusal met.
    pub(super) fn are_varied(&self) -> bool {
        const KINDS: usize = 17;
        const REFUSALS: [&str; 11] = [
            "active_organization_unavailable",
            "email_taken",
            "invalid_credential",
            "invalid_credentials",
            "not_authenticated",
            "organization_context_conflict",
            "organization_not_found",
            "organization_required",
            "permission_denied",
            "project_not_found",
            "slug_taken",
        ];
        self.granted.len() == KINDS && self.refusals.iter().eq(&REFUSALS)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            histories,
            steps,
            requests,
            ..
        } = self;
        write!(
            f,
            "{histories} histories, {steps} steps, {requests} requests"
        )
    }
}

fn kind(wish: &Wish) -> &'static str {
    match wish {
        Wish::SignUp(_) => "sign up",
        Wish::LogIn(_) => "log in",
        Wish::LogOut => "log out",
        Wish::Me => "me",
        Wish::Organizations { .. } => "own organizations",
        Wish::CreateOrganization(_) => "create an organization",
        Wish::CurrentOrganization => "the current organization",
        Wish::Organization(_) => "an organization",
        Wish::RenameOrganization(_) => "rename an organization",
        Wish::Members { .. } => "members",
        Wish::Switch(_) => "switch",
        Wish::Projects { .. } => "projects",
        Wish::CreateProject => "create a project",
        Wish::Project(_) => "a project",
        Wish::RenameProject(_) => "rename a project",
        Wish::DeleteProject(_) => "delete a project",
        Wish::SetStatus { .. } => "set the status of projects",
    }
}
