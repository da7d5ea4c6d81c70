//! What an answer comes down to: its status and what it shows.

use std::fmt;

use serde_json::Value;
use tenantry_core::access::Role;
use tenantry_testkit::Answer;

use super::call::Asked;

/// A status, and one line for everything that the body shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) lines: Vec<String>,
}

impl Said {
    pub(super) fn of(status: u16, lines: impl IntoIterator<Item = String>) -> Self {
        Self {
            status,
            lines: lines.into_iter().collect(),
        }
    }

    pub(super) fn nothing(status: u16) -> Self {
        Self::of(status, [])
    }

    pub(super) fn refused(status: u16, code: &str) -> Self {
        Self::of(status, [code.to_owned()])
    }

    /// What the server said, to one request.
    pub(super) fn by(answer: &Answer) -> Self {
        match answer.status {
            400.. => Self::refused(answer.status, &answer.problem_code()),
            _ if answer.body.is_empty() => Self::nothing(answer.status),
            status => Self::of(status, shown(&answer.json())),
        }
    }

    /// Without an order, where the contract has none.
    pub(super) fn settled(mut self, asked: &Asked) -> Self {
        if asked.path == "/api/projects/bulk" {
            self.lines.sort();
        }
        self
    }
}

impl fmt::Display for Said {
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
        return items.iter().map(thing).collect();
    }
    let Some(memberships) = body["memberships"].as_array() else {
        return vec![thing(body)];
    };
    let mut lines = vec![thing(body)];
    let slug = |organization: &Value| organization["slug"].as_str().map(str::to_owned);
    for own in memberships {
        let slug = slug(&own["organization"]).unwrap_or_default();
        lines.push(membership(&slug, role(own)));
    }
    lines.push(current(slug(&body["current_organization"]).as_deref()));
    lines
}

fn thing(body: &Value) -> String {
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
