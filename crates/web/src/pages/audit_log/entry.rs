//! An entry of the log as people read it.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry_audit::{ActedBy, AuditEntry};
use tenantry_core::event::Changes;
use tenantry_organizations::Member;

use super::words::field_words;
use crate::{
    pages::event_words,
    when::{Dates, When},
};

/// The names of people by their ids: of members, and of those who acted.
pub(super) struct People(BTreeMap<String, String>);

impl People {
    pub(super) fn of(members: Vec<Member>, entries: &[AuditEntry]) -> Self {
        let actors = entries.iter().filter_map(|entry| {
            let id = entry.actor?.to_string();
            Some((id, entry.actor_name.clone()?))
        });
        let members = members.into_iter();
        let members = members.map(|member| (member.user.to_string(), member.user_name.to_string()));
        // A member's name of today comes last, and counts.
        Self(actors.chain(members).collect())
    }

    /// The people to filter by, by name; the one that is selected is always among them.
    pub(super) fn choices(&self, selected: &str) -> Vec<(String, String)> {
        let known = self.0.iter();
        let mut choices: Vec<_> = known.map(|(id, name)| (id.clone(), name.clone())).collect();
        if !selected.is_empty() && !self.0.contains_key(selected) {
            choices.push((selected.to_owned(), selected.to_owned()));
        }
        choices.sort_by(|(_, one), (_, other)| one.cmp(other));
        choices
    }
}

/// A person who acted.
pub(super) struct Actor {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: Option<String>,
}

/// An entry of the log.
pub(super) struct Row {
    pub(super) at: When,
    pub(super) words: String,
    pub(super) action: String,
    /// Who acted, as the person was named then.
    pub(super) actor: Option<Actor>,
    /// With which right, unless it was a session.
    pub(super) by: Option<String>,
    /// What changed: the field, and its values before and after.
    pub(super) changes: Vec<(String, String, String)>,
    /// What the event says, in words.
    pub(super) facts: Vec<(String, String)>,
}

impl Row {
    pub(super) fn of(entry: AuditEntry, people: &People, dates: &Dates) -> Self {
        let by = right(&entry);
        let (name, email) = (entry.actor_name, entry.actor_email);
        let actor = entry.actor.map(|id| id.to_string());
        let actor = actor.map(|id| {
            let name = name.or_else(|| people.0.get(&id).cloned());
            let name = name.unwrap_or_else(|| id.clone());
            Actor { id, name, email }
        });
        let changes = entry.changes.iter().flat_map(Changes::fields);
        let changes = changes.map(|(name, from, to)| {
            let [from, to] = [from, to].map(|value| shown(value, people));
            (field_words(name), from, to)
        });
        let changes = changes.collect();
        let members = entry.data.as_object().into_iter().flatten();
        // The organization is the one of the page.
        let members = members.filter(|(name, _)| *name != "organization_id");
        let mut facts: Vec<_> = members
            .map(|(name, value)| (field_words(name), shown(value, people)))
            .collect();
        let request = entry.request_id.map(|id| id.to_string());
        facts.extend(request.map(|id| ("Request".to_owned(), id)));
        Self {
            at: dates.show(&entry.occurred_at),
            words: event_words(&entry.action),
            action: entry.action,
            actor,
            by,
            changes,
            facts,
        }
    }
}

/// With which right the actor acted, unless it was a session.
fn right(entry: &AuditEntry) -> Option<String> {
    let token = entry.token.as_ref();
    let token = token.and_then(|token| token.name.as_deref());
    Some(match entry.by? {
        ActedBy::Session => return None,
        ActedBy::Token => token.map_or_else(
            || "By an API token".to_owned(),
            |name| format!("By the API token {name}"),
        ),
        ActedBy::Operator => "As an operator".to_owned(),
        ActedBy::CommandLine => "On the command line".to_owned(),
        ActedBy::System => "By the server".to_owned(),
    })
}

/// A value of an event; a person by name.
fn shown(value: &Value, people: &People) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => people.0.get(text).unwrap_or(text).clone(),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(|value| shown(value, people)).collect();
            values.join(", ")
        }
        other => other.to_string(),
    }
}
