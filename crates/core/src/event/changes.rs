//! What an event changed, for the audit log.

use std::{collections::BTreeMap, fmt};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest text of a value, in characters; the rest is left out.
const MAX_TEXT: usize = 200;

/// The values of fields before and after, by the names of the fields. Secrets don't belong here.
///
/// ```
/// # use tenantry_core::event::Changes;
/// let changes = Changes::default()
///     .field("name", "Acme", "Acme Inc.")
///     .field("is_active", true, true);
/// let json = serde_json::to_value(&changes).expect("plain data");
/// assert_eq!(json, serde_json::json!({"name": {"from": "Acme", "to": "Acme Inc."}}));
/// ```
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Changes(BTreeMap<String, Change>);

/// The names of the fields, without their values, which belong into no log line.
impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// A value before and after a change.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The value before.
    from: Value,
    /// The value after.
    to: Value,
}

impl Changes {
    /// Adds a field; one whose values are equal is left out.
    ///
    /// # Panics
    /// When a value is no plain data.
    #[must_use]
    pub fn field(mut self, name: &str, from: impl Serialize, to: impl Serialize) -> Self {
        let [from, to] = [serde_json::to_value(from), serde_json::to_value(to)]
            .map(|value| value.expect("a field is plain data"));
        if from != to {
            let [from, to] = [from, to].map(shortened);
            self.0.insert(name.to_owned(), Change { from, to });
        }
        self
    }

    /// The fields with their values before and after, by their names.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value, &Value)> {
        let fields = self.0.iter();
        fields.map(|(name, change)| (name.as_str(), &change.from, &change.to))
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) if text.chars().nth(MAX_TEXT).is_some() => {
            let start: String = text.chars().take(MAX_TEXT).collect();
            Value::String(start + "…")
        }
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shortened_and_equal_values_are_left_out() {
        let long = "ä".repeat(MAX_TEXT + 1);
        let changes = Changes::default()
            .field("description", "", &long)
            .field("same", Some(1), 1);
        let json = serde_json::to_value(&changes).expect("plain data");
        let start = "ä".repeat(MAX_TEXT) + "…";
        let expected = serde_json::json!({"description": {"from": "", "to": start}});
        assert_eq!(json, expected);
        assert!(Changes::default().field("same", "x", "x").is_empty());
    }
}
