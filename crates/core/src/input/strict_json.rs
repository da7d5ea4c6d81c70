//! Unambiguous JSON: no duplicate keys, no NUL characters.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, error::Category, value::RawValue};

/// Why a text was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not UTF-8, or not JSON.
    Syntax,
    /// It is nested too deeply.
    Depth,
    /// It has a number beyond the range of 64-bit floating point.
    Range,
    /// It is JSON with a duplicate key or a NUL character.
    Content,
}

/// Reads one JSON value.
///
/// # Errors
/// See [`Fault`].
pub fn parse(text: &[u8]) -> Result<Value, Fault> {
    serde_json::from_slice::<Strict>(text)
        .map(|Strict(value)| value)
        .map_err(|error| match error.classify() {
            // The only errors of this category are the two created below.
            Category::Data => Fault::Content,
            Category::Syntax => of_syntax(&error.to_string()),
            _ => Fault::Syntax,
        })
}

/// The library distinguishes these by their messages only.
fn of_syntax(message: &str) -> Fault {
    if message.starts_with("recursion limit exceeded") {
        Fault::Depth
    } else if message.starts_with("number out of range") {
        Fault::Range
    } else {
        Fault::Syntax
    }
}

/// Whether the text is one JSON value, whatever its numbers and its depth.
#[must_use]
pub fn is_json(text: &[u8]) -> bool {
    serde_json::from_slice::<&RawValue>(text).is_ok()
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("not finite"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        without_nul(text).map(|text| Value::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = elements.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = members.next_key::<String>()? {
            without_nul(&key)?;
            let Strict(value) = members.next_value()?;
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("duplicate key"));
            }
        }
        Ok(Value::Object(object))
    }
}

/// Postgres can't store NUL in text.
fn without_nul<E: Error>(text: &str) -> Result<&str, E> {
    if text.contains('\0') {
        return Err(E::custom("NUL"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_json_is_read_as_it_is() {
        let text = r#"{"a":[1,-2,2.5,18446744073709551615,null,true,"\u00e9"],"b":{"a":{}}}"#;
        let plain: Value = serde_json::from_str(text).expect("valid");
        assert_eq!(parse(text.as_bytes()), Ok(plain));
    }

    #[test]
    fn duplicate_keys_and_nul_are_found_at_every_depth() {
        for bad in [
            r#"{"a":1,"a":1}"#,
            r#"[[{"b":{"a":1,"\u0061":2}}]]"#,
            r#"{"a":["\u0000"]}"#,
            r#"{"a":{"x\u0000":1}}"#,
        ] {
            assert_eq!(parse(bad.as_bytes()), Err(Fault::Content), "{bad}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        let texts: [&[u8]; 7] = [
            b"",
            b"{",
            b"{} {}",
            b"{a:1}",
            b"\"a\0\"",
            b"\"\\ud800\"",
            b"\"\xff\"",
        ];
        for bad in texts {
            assert_eq!(parse(bad), Err(Fault::Syntax));
        }
    }

    #[test]
    fn deep_nesting_and_numbers_out_of_range_are_distinguished_from_what_is_not_json() {
        for bad in ["1e999", "-1e999", "{\"a\": [1e400]}"] {
            assert_eq!(parse(bad.as_bytes()), Err(Fault::Range), "{bad}");
            assert!(is_json(bad.as_bytes()), "{bad}");
        }
        for open in ["[", "{\"a\":"] {
            assert_eq!(parse(open.repeat(1_000).as_bytes()), Err(Fault::Depth));
        }
        assert!(!is_json(b"[1e999"));
    }
}
