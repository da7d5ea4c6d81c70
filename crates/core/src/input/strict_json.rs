//! Unambiguous JSON: no duplicate keys, no NUL characters.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, error::Category};

/// Why a text was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not UTF-8, not JSON, or nested too deeply.
    Syntax,
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
            _ => Fault::Syntax,
        })
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
        let deep = "[".repeat(100_000);
        let texts: [&[u8]; 9] = [
            b"",
            b"{",
            b"{} {}",
            b"{a:1}",
            b"1e999",
            b"\"a\0\"",
            b"\"\\ud800\"",
            b"\"\xff\"",
            deep.as_bytes(),
        ];
        for bad in texts {
            assert_eq!(parse(bad), Err(Fault::Syntax));
        }
    }
}
