//! Numbers of JSON that is kept as it is: they come back as the same values, or are refused.

use std::collections::BTreeMap;

use serde_json::{Number, value::RawValue};

/// The members of a JSON object that hold a number, at any depth, which a 64-bit integer or
/// floating-point number can't express exactly: it would come back as another one.
///
/// Empty if the text is no object; [`strict_json`](super::strict_json) refuses what is no JSON.
#[must_use]
pub fn inexact_members(text: &[u8]) -> Vec<String> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_slice(text).unwrap_or_default();
    let members = members.into_iter();
    let inexact = members.filter(|(_, value)| !numbers(value.get()).all(is_exact));
    inexact.map(|(name, _)| name).collect()
}

/// The numbers of a JSON text, as they are written.
fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let start = rest.find(|it: char| it == '"' || it == '-' || it.is_ascii_digit())?;
            let found = &rest[start..];
            if let Some(string) = found.strip_prefix('"') {
                rest = after_string(string);
                continue;
            }
            let is_part = |it: char| matches!(it, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
            let end = found.find(|it| !is_part(it)).unwrap_or(found.len());
            rest = &found[end..];
            return Some(&found[..end]);
        }
    })
}

/// What follows the string whose content begins here.
fn after_string(content: &str) -> &str {
    let mut is_escaped = false;
    let end = content.find(|it| {
        let is_end = it == '"' && !is_escaped;
        is_escaped = it == '\\' && !is_escaped;
        is_end
    });
    end.map_or("", |end| &content[end + 1..])
}

fn is_exact(written: &str) -> bool {
    let kept = serde_json::from_str::<Number>(written);
    kept.is_ok_and(|kept| {
        let written = decimal(written);
        written.is_some() && written == decimal(&kept.to_string())
    })
}

/// The sign, the digits without zeros at either end, and the power of ten that they are multiplied
/// with. `None` if the power is out of range.
fn decimal(text: &str) -> Option<(bool, String, i64)> {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    };
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some((is_negative, String::new(), 0));
    }
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let places = i64::try_from(fraction.len()).ok()?;
    let power: i64 = power.parse().ok()?;
    let power = power.checked_add(zeros)?.checked_sub(places)?;
    Some((is_negative, significant.to_owned(), power))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inexact(value: &str) -> bool {
        !inexact_members(format!(r#"{{"a": {value}}}"#).as_bytes()).is_empty()
    }

    #[test]
    fn a_number_that_would_come_back_as_another_one_is_found() {
        for exact in [
            "0",
            "-0",
            "-0.0",
            "0e999",
            "1E2",
            "1e+2",
            "0.00010e5",
            "1.50",
            "0.1",
            "-2.5e-300",
            "5e-324",
            "1.7976931348623157e308",
            "100000000000000000000",
            "18446744073709551615",
            "-9223372036854775808",
            r#"[{"b": [1, "0.10000000000000000001\" 1e-999"]}, null, true]"#,
            r#"{"0.10000000000000000001": "\\"}"#,
        ] {
            assert!(!inexact(exact), "{exact}");
        }
        for other in [
            "0.10000000000000000001",
            "1e-999",
            "1e-99999999999999999999",
            "1e999",
            "4.9e-324",
            "9007199254740993.0",
            "18446744073709551616",
            "-9223372036854775809",
            "123456789012345678901234567890",
            r#"{"b": ["\\", 0.10000000000000000001]}"#,
            r#"["\"", 1, 0.10000000000000000001, 2]"#,
        ] {
            assert!(inexact(other), "{other}");
        }
    }

    #[test]
    fn only_the_members_that_hold_one_are_named() {
        let text = br#"{"a": 1, "b": [0.10000000000000000001], "c": "x", "d": 1e-999}"#;
        assert_eq!(inexact_members(text), ["b", "d"]);
        assert_eq!(inexact_members(b"[1e-999]"), Vec::<String>::new());
        assert_eq!(inexact_members(b"{"), Vec::<String>::new());
    }
}
