//! The size of a page in bytes: rows with long texts make it end early.

use sea_orm::{EntityTrait, Iterable as _, ModelTrait as _, Value};

/// About how many bytes the texts of a page may take as JSON.
const MAX_BYTES: usize = 1024 * 1024;

/// How many of these rows, from the first one, fit on a page; at least one.
pub(super) fn fitting_rows<E: EntityTrait>(rows: &[E::Model]) -> usize {
    let Some(first) = rows.first() else {
        return 0;
    };
    // Only these have no fixed size.
    let is_text =
        |column: &E::Column| matches!(first.get(*column), Value::String(_) | Value::Json(_));
    let texts: Vec<E::Column> = E::Column::iter().filter(is_text).collect();
    let mut bytes = 0;
    let fitting = rows.iter().take_while(|row| {
        bytes += texts
            .iter()
            .map(|column| json_bytes(&row.get(*column)))
            .sum::<usize>();
        bytes <= MAX_BYTES
    });
    fitting.count().max(1)
}

fn json_bytes(value: &Value) -> usize {
    match value {
        Value::String(Some(text)) => text_bytes(text),
        Value::Json(Some(json)) => tree_bytes(json),
        _ => 0,
    }
}

/// A text with its quotes; escaped, control characters take six bytes.
fn text_bytes(text: &str) -> usize {
    let escaped = text.bytes().map(|byte| match byte {
        0..0x20 => 6,
        b'"' | b'\\' => 2,
        _ => 1,
    });
    escaped.sum::<usize>() + 2
}

/// A tree, about: each number or word counts as much as the longest usual one.
fn tree_bytes(json: &serde_json::Value) -> usize {
    match json {
        serde_json::Value::String(text) => text_bytes(text),
        serde_json::Value::Array(items) => items.iter().map(|item| tree_bytes(item) + 1).sum(),
        serde_json::Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(name, value)| text_bytes(name) + tree_bytes(value) + 2)
                .sum()
        }
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_takes_at_least_as_many_bytes_as_its_json() {
        for text in ["", "plain", "\"\\", "\u{1}\n\t", "ä名🚀"] {
            let json = serde_json::to_string(text).expect("a text");
            assert!(text_bytes(text) >= json.len(), "{text:?}");
        }
        assert_eq!(text_bytes("plain"), 7);
        assert_eq!(text_bytes("\u{1}"), 8);
    }

    #[test]
    fn a_tree_takes_about_as_many_bytes_as_its_json() {
        let tree = serde_json::json!({"name": "Ada", "seats": [1, null, true], "more": {"a": "b"}});
        let length = tree.to_string().len();
        let estimate = tree_bytes(&tree);
        assert!(
            (length..2 * length).contains(&estimate),
            "{estimate} for {length}"
        );
    }
}
