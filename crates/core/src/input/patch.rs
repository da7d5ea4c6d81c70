//! Fields of a `PATCH`.

use std::borrow::Cow;

use serde_json::Value;

use super::schema::{JsonSchema, Schema, Schemas};
use super::{InputField, ValidationErrors};

/// A field of a `PATCH` that can't be cleared: absent leaves it unchanged, and `null` is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch<T>(pub Option<T>);

impl<T: InputField> InputField for Patch<T> {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        if value.is_null() {
            return Err(ValidationErrors::new("can be left out, but not be null"));
        }
        T::parse(value).map(|value| Self(Some(value)))
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        T::parse_text(text).map(|value| Self(Some(value)))
    }

    fn absent() -> Result<Self, ValidationErrors> {
        Ok(Self(None))
    }
}

/// A field of a `PATCH` that can be cleared: absent leaves it unchanged, `null` clears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NullablePatch<T>(pub Option<Option<T>>);

impl<T: InputField> InputField for NullablePatch<T> {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        Option::parse(value).map(|value| Self(Some(value)))
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        T::parse_text(text).map(|value| Self(Some(Some(value))))
    }

    fn absent() -> Result<Self, ValidationErrors> {
        Ok(Self(None))
    }
}

/// The schema of the value: the enclosing object says that the field can be absent.
impl<T: JsonSchema> JsonSchema for Patch<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        T::json_schema(schemas)
    }
}

/// The schema of the value or `null`.
impl<T: JsonSchema> JsonSchema for NullablePatch<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        Option::<T>::schema_name()
    }

    fn json_schema(schemas: &mut Schemas) -> Schema {
        Option::<T>::json_schema(schemas)
    }
}
