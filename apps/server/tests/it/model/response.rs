//! The compared parts of a response: its status and its content.

use std::fmt;

use serde_json::Value;
use tenantry_core::access::Role;
use tenantry_testkit::Answer;

use super::request::Request;

/// A status, and one line for each item of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) lines: Vec<String>,
}

impl Response {
    pub(super) fn of(status: u16, lines: impl IntoIterator<Item = String>) -> Self {
        Self {
            status,
            lines: lines.into_iter().collect(),
        }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self::of(status, [])
    }

    pub(super) fn rejected(status: u16, code: &str) -> Self {
        Self::of(status, [code.to_owned()])
    }

    /// The server's response to one request.
    pub(super) fn from_answer(answer: &Answer) -> Self {
        match answer.status {
            400.. => Self::rejected(answer.status, &answer.problem_code()),
            _ if answer.body.is_empty() => Self::empty(answer.status),
            status => Self::of(status, shown(&answer.json())),
        }
    }

    /// Sorts the lines where the contract defines no order.
    pub(super) fn normalized(mut self, request: &Request) -> Self {
        if request.path == "/api/projects/bulk" {
            self.lines.sort();
        }
        self
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]", self.status, self.lines.join(", "))
    }
}

pub(super) fn organization(slug: &str, name: &str, role: Role) -> String {
    format!("{slug} ({name}) as {role}")
}

pub(super) fn membership(slug: &str, role: Role) -> String {
    format!("{role} of {slug}")
}

pub(super) fn current(slug: Option<&str>) -> String {
    format!("now in {}", slug.unwrap_or("no organization"))
}

pub(super) fn member(person: &str, role: Role) -> String {
    format!("{person}, {role}")
}

pub(super) fn project(name: &str, status: &str) -> String {
    format!("{name}, {status}")
}

fn shown(body: &Value) -> Vec<String> {
    if let Some(items) = body["items"].as_array() {
        return items.iter().map(item).collect();
    }
    let Some(memberships) = body["memberships"].as_array() else {
        return vec![item(body)];
    };
    let mut lines = vec![item(body)];
    let slug = |organization: &Value| organization["slug"].as_str().map(str::to_owned);
    for own in memberships {
        let slug = slug(&own["organization"]).unwrap_or_default();
        lines.push(membership(&slug, role(own)));
    }
    lines.push(current(slug(&body["current_organization"]).as_deref()));
    lines
}

fn item(body: &Value) -> String {
    let text = |field: &str| body[field].as_str().unwrap_or_default();
    if body["slug"].is_string() {
        organization(text("slug"), text("name"), role(body))
    } else if body["user_name"].is_string() {
        member(text("user_name"), role(body))
    } else if body["email"].is_string() {
        text("name").to_owned()
    } else if body["organization"].is_string() {
        current(body["organization"].as_str())
    } else {
        project(text("name"), text("status"))
    }
}

fn role(body: &Value) -> Role {
    let role = body["role"].as_str().unwrap_or_default();
    role.parse().unwrap_or_else(|_| panic!("no role: {body}"))
}
