//! Input fields of foreign types.

use chrono::{DateTime, Datelike as _, SubsecRound as _, Timelike as _, Utc};
use serde_json::{Map, Value};

use super::{InputField, ValidationErrors};
use crate::{access::Role, clock::Timestamp};

crate::text_field!(Role);

/// Absent and `null` both mean `None`.
impl<T: InputField> InputField for Option<T> {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        match value {
            Value::Null => Ok(None),
            value => T::parse(value).map(Some),
        }
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        T::parse_text(text).map(Some)
    }

    fn absent() -> Result<Self, ValidationErrors> {
        Ok(None)
    }
}

impl<T: InputField> InputField for Vec<T> {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        let Value::Array(values) = value else {
            return Err(ValidationErrors::new("must be a list"));
        };
        let mut items = Self::with_capacity(values.len());
        let mut errors = ValidationErrors::default();
        for (index, value) in values.into_iter().enumerate() {
            match T::parse(value) {
                Ok(item) => items.push(item),
                Err(error) => errors.add(error.at(&index.to_string())),
            }
        }
        if errors.is_empty() {
            Ok(items)
        } else {
            Err(errors)
        }
    }
}

impl InputField for bool {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        value
            .as_bool()
            .ok_or(ValidationErrors::new("must be true or false"))
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        text.parse()
            .map_err(|_| ValidationErrors::new("must be true or false"))
    }
}

impl InputField for String {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        match value {
            Value::String(text) => Ok(text),
            _ => Err(ValidationErrors::new("must be a string")),
        }
    }
}

impl InputField for i64 {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        value
            .as_i64()
            .ok_or(ValidationErrors::new("must be a whole number"))
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        let number: Self = text
            .parse()
            .map_err(|_| ValidationErrors::new("must be a whole number"))?;
        // Each number has one spelling: not `+1` or `007`.
        if number.to_string() == text {
            Ok(number)
        } else {
            Err(ValidationErrors::new("must be a whole number"))
        }
    }
}

impl InputField for u32 {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        i64::parse(value).and_then(narrow)
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        i64::parse_text(text).and_then(narrow)
    }
}

fn narrow(number: i64) -> Result<u32, ValidationErrors> {
    u32::try_from(number)
        .map_err(|_| ValidationErrors::new("must be a whole number from 0 to 4294967295"))
}

/// RFC 3339 with any offset, to the microsecond. Leap seconds and times outside of the years
/// 1970 to 9999 are invalid: the databases store them differently.
impl InputField for Timestamp {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        let moment = value
            .as_str()
            .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
            .map(|moment| moment.with_timezone(&Utc).trunc_subsecs(6));
        moment
            .filter(|moment| (1970..=9999).contains(&moment.year()))
            .filter(|moment| moment.nanosecond() < 1_000_000_000)
            .ok_or(ValidationErrors::new(
                "must be a time in RFC 3339 form, such as 2026-01-31T12:00:00Z",
            ))
    }
}

/// Any JSON.
impl InputField for Value {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        Ok(value)
    }
}

/// An object with any members.
impl InputField for Map<String, Value> {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        match value {
            Value::Object(members) => Ok(members),
            _ => Err(ValidationErrors::new("must be an object")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_to_the_microsecond_in_any_offset() {
        let time = Timestamp::parse_text("2026-01-31T13:00:00.1234567+01:00").expect("valid");
        assert_eq!(time.to_rfc3339(), "2026-01-31T12:00:00.123456+00:00");
    }

    #[test]
    fn a_time_that_a_database_would_change_is_refused() {
        for bad in [
            "2026-01-31",
            "2026-01-31T12:00:00",
            "2016-12-31T23:59:60Z",
            "1969-12-31T23:59:59Z",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert!(Timestamp::parse_text(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_number_has_one_spelling_and_no_fraction() {
        assert_eq!(i64::parse(Value::from(-7)), Ok(-7));
        assert!(i64::parse(Value::from(7.0)).is_err());
        assert!(i64::parse(Value::from(u64::MAX)).is_err());
        assert!(u32::parse(Value::from(-1)).is_err());
        assert!(i64::parse_text("-0").is_err());
    }
}
