//! What the histories exercised, so that a test that exercises nothing fails.

use std::{collections::BTreeSet, fmt};

use super::{response::Response, step::Command};

#[derive(Debug, Default)]
pub(super) struct Coverage {
    pub(super) histories: usize,
    pub(super) steps: usize,
    pub(super) requests: usize,
    /// The kinds of requests that succeeded.
    succeeded: BTreeSet<&'static str>,
    /// The codes of those that were rejected.
    error_codes: BTreeSet<String>,
}

impl Coverage {
    pub(super) fn predicted(&mut self, command: &Command, response: &Response) {
        if response.status < 300 {
            self.succeeded.insert(kind(command));
        } else {
            self.error_codes.extend(response.lines.iter().cloned());
        }
    }

    /// Whether every kind of request succeeded, and every expected error occurred.
    pub(super) fn are_varied(&self) -> bool {
        const KINDS: usize = 17;
        const ERROR_CODES: [&str; 11] = [
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
        self.succeeded.len() == KINDS && self.error_codes.iter().eq(&ERROR_CODES)
    }
}

impl fmt::Display for Coverage {
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

fn kind(command: &Command) -> &'static str {
    match command {
        Command::SignUp(_) => "sign up",
        Command::LogIn(_) => "log in",
        Command::LogOut => "log out",
        Command::Me => "me",
        Command::Organizations { .. } => "own organizations",
        Command::CreateOrganization(_) => "create an organization",
        Command::CurrentOrganization => "the current organization",
        Command::Organization(_) => "an organization",
        Command::RenameOrganization(_) => "rename an organization",
        Command::Members { .. } => "members",
        Command::Switch(_) => "switch",
        Command::Projects { .. } => "projects",
        Command::CreateProject => "create a project",
        Command::Project(_) => "a project",
        Command::RenameProject(_) => "rename a project",
        Command::DeleteProject(_) => "delete a project",
        Command::SetStatus { .. } => "set the status of projects",
    }
}
