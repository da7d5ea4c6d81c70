//! Fields as browsers send them.

use std::borrow::Cow;

use chrono::TimeDelta;
use tenantry_core::{
    clock::Timestamp,
    input::{
        InputField, Json, ValidationErrors,
        schema::{JsonSchema, Schema, Schemas},
    },
    value::{InvalidText, parse_line},
};

/// A field of a form that is sent in the query: empty if nothing was entered.
#[derive(Debug)]
pub(crate) struct Filled<T>(pub(crate) Option<T>);

impl<T: InputField> InputField for Filled<T> {
    fn parse(value: Json) -> Result<Self, ValidationErrors> {
        T::parse(value).map(|value| Self(Some(value)))
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        if text.is_empty() {
            return Ok(Self(None));
        }
        T::parse_text(text).map(|value| Self(Some(value)))
    }
}

impl<T: JsonSchema> JsonSchema for Filled<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        T::json_schema(schemas)
    }
}

/// A parameter that is as if it were absent where it is not valid.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lenient<T>(pub(crate) Option<T>);

impl<T: InputField> InputField for Lenient<T> {
    fn parse(value: Json) -> Result<Self, ValidationErrors> {
        Ok(Self(T::parse(value).ok()))
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        Ok(Self(T::parse_text(text).ok()))
    }

    fn absent() -> Result<Self, ValidationErrors> {
        Ok(Self(None))
    }
}

impl<T: JsonSchema> JsonSchema for Lenient<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        T::json_schema(schemas)
    }
}

/// The selected ones of several checkboxes with one name: 1 to 100.
#[derive(Debug)]
pub(crate) struct Selected<T>(pub(crate) Vec<T>);

impl<T: InputField> InputField for Selected<T> {
    fn parse(value: Json) -> Result<Self, ValidationErrors> {
        let selected = Vec::parse(value)?;
        if selected.len() > 100 {
            return Err(ValidationErrors::new("can be 100 at most"));
        }
        Ok(Self(selected))
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        T::parse_text(text).map(|value| Self(vec![value]))
    }
}

impl<T: JsonSchema> JsonSchema for Selected<T> {
    fn schema_name() -> Cow<'static, str> {
        Vec::<T>::schema_name()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        Vec::<T>::json_schema(schemas)
    }
}

/// A checkbox: sent as `on`, or not at all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checked(pub(crate) bool);

impl InputField for Checked {
    fn parse(value: Json) -> Result<Self, ValidationErrors> {
        match value {
            Json::String(text) if text == "on" => Ok(Self(true)),
            _ => Err(ValidationErrors::new("must be on, or not sent")),
        }
    }

    fn absent() -> Result<Self, ValidationErrors> {
        Ok(Self(false))
    }
}

impl JsonSchema for Checked {
    fn schema_name() -> Cow<'static, str> {
        "Checked".into()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        bool::json_schema(schemas)
    }
}

/// A number of days from now, 1 to 3650.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Days(u32);

impl Days {
    /// The moment after these days.
    pub(crate) fn after(self, now: Timestamp) -> Timestamp {
        now + TimeDelta::days(i64::from(self.0))
    }
}

impl InputField for Days {
    fn parse(value: Json) -> Result<Self, ValidationErrors> {
        value.as_str().map_or_else(
            || Err(ValidationErrors::new("must be a whole number")),
            Self::parse_text,
        )
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        let days = text.parse().ok().filter(|days| (1..=3650).contains(days));
        let invalid = || ValidationErrors::new("must be a whole number from 1 to 3650");
        days.map(Self).ok_or_else(invalid)
    }
}

impl JsonSchema for Days {
    fn schema_name() -> Cow<'static, str> {
        "Days".into()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        u32::json_schema(schemas)
    }
}

/// The name of a listener: 1 to 255 characters.
#[derive(Clone, Debug)]
pub(crate) struct Listener(pub(crate) String);

impl std::str::FromStr for Listener {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        parse_line(text, 255)
            .map(Self)
            .ok_or(InvalidText("must be 1 to 255 characters"))
    }
}

tenantry_core::text_field!(Listener, { "maxLength": 255 });

/// The name of a table, as in addresses: 1 to 64 characters.
#[derive(Clone, Debug)]
pub(crate) struct TableName(pub(crate) String);

impl std::str::FromStr for TableName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        parse_line(text, 64)
            .map(Self)
            .ok_or(InvalidText("must be 1 to 64 characters"))
    }
}

tenantry_core::text_field!(TableName, { "maxLength": 64 });
