//! A command as a readable request, with labels in place of ids.

use std::{collections::BTreeMap, fmt};

use serde_json::{Value, json};
use tenantry_testkit::{ApiClient, Call};

use super::step::{Command, Pick, Slug};

const PASSWORD: &str = "correct horse battery";

/// An id that no row has.
const RANDOM_ID: &str = "0199a2b3-c4d5-7e6f-8a9b-0c1d2e3f4a5b";

/// A request, with `<alpha>` or `<p7>` in place of an organization's or project's id.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    pub(super) header: Option<Slug>,
}

/// The name for a project or organization that is created or renamed in this step.
pub(super) fn new_name(step: usize) -> String {
    format!("p{step}")
}

impl Command {
    /// The request for this command in the given step. `label` returns the label of a picked
    /// project.
    pub(super) fn request(
        &self,
        step: usize,
        header: Option<Slug>,
        label: impl Fn(Pick) -> String,
    ) -> Request {
        let named = || Some(json!({"name": new_name(step)}));
        let project = |pick| format!("/api/projects/<{}>", label(pick));
        let (method, path, body) = match self {
            Self::SignUp(who) => {
                let account = json!({"email": email(who), "password": PASSWORD, "name": who});
                ("POST", "/api/auth/signup".to_owned(), Some(account))
            }
            Self::LogIn(who) => {
                let login = json!({"email": email(who), "password": PASSWORD});
                ("POST", "/api/auth/login".to_owned(), Some(login))
            }
            Self::LogOut => ("POST", "/api/auth/logout".to_owned(), None),
            Self::Me => ("GET", "/api/auth/me".to_owned(), None),
            Self::Organizations { limit } => {
                ("GET", format!("/api/organizations?limit={limit}"), None)
            }
            Self::CreateOrganization(slug) => {
                let new = json!({"name": slug, "slug": slug});
                ("POST", "/api/organizations".to_owned(), Some(new))
            }
            Self::CurrentOrganization => ("GET", "/api/organizations/current".to_owned(), None),
            Self::Organization(slug) => ("GET", format!("/api/organizations/<{slug}>"), None),
            Self::RenameOrganization(slug) => {
                ("PATCH", format!("/api/organizations/<{slug}>"), named())
            }
            Self::Members { of, limit } => {
                let path = format!("/api/organizations/<{of}>/members?limit={limit}");
                ("GET", path, None)
            }
            Self::Switch(slug) => ("POST", format!("/api/organizations/<{slug}>/switch"), None),
            Self::Projects { by_name, limit } => {
                let sort = if *by_name { "name" } else { "-created_at" };
                let path = format!("/api/projects?sort={sort}&limit={limit}");
                ("GET", path, None)
            }
            Self::CreateProject => ("POST", "/api/projects".to_owned(), named()),
            Self::Project(pick) => ("GET", project(*pick), None),
            Self::RenameProject(pick) => ("PATCH", project(*pick), named()),
            Self::DeleteProject(pick) => ("DELETE", project(*pick), None),
            Self::SetStatus { of, status } => {
                let ids = of.iter().map(|pick| format!("<{}>", label(*pick)));
                let ids: Vec<_> = ids.collect();
                let body = json!({"ids": ids, "status": status});
                ("POST", "/api/projects/bulk".to_owned(), Some(body))
            }
        };
        Request {
            method,
            path,
            body,
            header,
        }
    }
}

impl Request {
    /// The call, with ids in place of labels.
    pub(super) fn call(&self, client: &ApiClient, ids: &BTreeMap<String, String>) -> Call {
        let mut call = client.raw(self.method, &with_ids(&self.path, ids));
        if let Some(slug) = self.header {
            call = call.organization(slug);
        }
        if let Some(body) = &self.body {
            let body = with_ids(&body.to_string(), ids);
            call = call.header("content-type", "application/json").body(body);
        }
        call
    }

    /// The next page of the same list.
    pub(super) fn next(&self, cursor: &str) -> Self {
        let first = self.path.split("&cursor=").next().unwrap_or_default();
        let path = format!("{first}&cursor={cursor}");
        Self {
            path,
            ..self.clone()
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if let Some(slug) = self.header {
            write!(f, " -H 'X-Organization-Slug: {slug}'")?;
        }
        match &self.body {
            Some(body) => write!(f, " -d '{body}'"),
            None => Ok(()),
        }
    }
}

fn with_ids(text: &str, ids: &BTreeMap<String, String>) -> String {
    let mut pieces = text.split('<');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (label, rest) = piece.split_once('>').expect("a label is closed");
        filled += ids.get(label).map_or(RANDOM_ID, String::as_str);
        filled += rest;
    }
    filled
}

pub(super) fn email(person: &str) -> String {
    format!("{person}@example.com")
}
