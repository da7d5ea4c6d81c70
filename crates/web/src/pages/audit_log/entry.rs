//! An entry of the log as people read it.

use std::collections::BTreeMap;

use serde_json::Value;
use tenantry_audit::AuditEntry;
use tenantry_organizations::Member;

use super::words::field_words;
use crate::{
    pages::event_words,
    when::{Dates, When},
};

/// The names of people by their ids: of members, and of those who acted.
pub(super) struct People(BTreeMap<String, String>);

impl People {
    pub(super) fn of(members: Vec<Member>) -> Self {
        let names = members.into_iter();
        let names = names.map(|member| (member.user.to_string(), member.user_name.to_string()));
        Self(names.collect())
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

/// An entry of the log.
pub(super) struct Row {
    pub(super) at: When,
    pub(super) words: String,
    pub(super) action: String,
    /// Who acted: id and name.
    pub(super) actor: Option<(String, String)>,
    /// What the event says, in words.
    pub(super) facts: Vec<(String, String)>,
}

impl Row {
    pub(super) fn of(entry: AuditEntry, people: &People, dates: &Dates) -> Self {
        let actor = entry.actor.map(|id| id.to_string());
        let actor = actor.map(|id| {
            let name = people.0.get(&id).cloned();
            let name = name.unwrap_or_else(|| id.clone());
            (id, name)
        });
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
            facts,
        }
    }
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
