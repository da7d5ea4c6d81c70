//! The custom settings: merging, and their bounds.

use serde_json::{Map, Value};
use tenantry_core::{
    input::{InputField, Json, ValidationErrors},
    value_schema,
};

/// The maximum size of the custom settings, in bytes of JSON.
pub(super) const MAX_BYTES: usize = 16 * 1024;

/// The maximum nesting of objects and lists.
const MAX_DEPTH: usize = 8;

/// A merge patch of the custom settings, within the maximum depth. Merging never increases it.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomPatch(Map<String, Value>);

value_schema!(CustomPatch, {
    "type": "object",
    "description": "A merge patch of your own values, not nested deeper than 8 levels",
});

impl InputField for CustomPatch {
    fn parse(value: Json) -> Result<Self, ValidationErrors> {
        let members = Map::parse(value)?;
        if members.values().map(depth).max().unwrap_or_default() >= MAX_DEPTH {
            return Err(ValidationErrors::new(
                "must not be nested deeper than 8 levels",
            ));
        }
        Ok(Self(members))
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(values) => 1 + values.iter().map(depth).max().unwrap_or_default(),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

impl CustomPatch {
    pub(super) fn apply(self, to: &mut Map<String, Value>) {
        merge(to, self.0);
    }
}

/// Whether the settings are within the maximum size.
pub(super) fn fits(custom: &Map<String, Value>) -> bool {
    to_text(custom).len() <= MAX_BYTES
}

/// The settings as they are stored. Values that are equal may be written differently: 0.0 and -0.0.
pub(super) fn to_text(custom: &Map<String, Value>) -> String {
    serde_json::to_string(custom).expect("maps with text keys")
}

/// A merge patch (RFC 7396): `null` removes a member, an object changes members of an object, and
/// everything else replaces what was there.
fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                target.remove(&name);
            }
            Value::Object(patch) => {
                let member = target.entry(name).or_insert_with(|| Map::new().into());
                if !member.is_object() {
                    *member = Map::new().into();
                }
                if let Value::Object(member) = member {
                    merge(member, patch);
                }
            }
            value => {
                target.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_is_merged_as_in_the_examples_of_the_rfc() {
        // The examples of RFC 7396, appendix A, that are about objects.
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            let (Value::Object(mut target), Value::Object(patch)) = (target, patch) else {
                panic!("objects");
            };
            merge(&mut target, patch);
            assert_eq!(Value::Object(target), result);
        }
    }

    #[test]
    fn at_most_eight_levels_are_allowed() {
        let nested = |levels| (0..levels).fold(json!(1), |value, _| json!({"a": value}));
        assert!(CustomPatch::parse(nested(8)).is_ok());
        assert!(CustomPatch::parse(nested(9)).is_err());
        assert!(CustomPatch::parse(json!({})).is_ok());
    }
}
