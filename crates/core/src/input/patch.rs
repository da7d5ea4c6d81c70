//! Fields of a `PATCH`.

use std::borrow::Cow;

use serde_json::Value;

use super::schema::{JsonSchema, Schema, Schemas};
use super::{InputField, ValidationErrors};

/// A field of a `PATCH`: absent leaves the thing as it is. It can't be `null`: what has a value
/// is not made to have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch<T>(pub Option<T>);

impl<T: InputField> InputField for Patch<T> {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        if value.is_null() {
            return Err(ValidationErrors::new("can be left out, but not be null"));
        }
        T::parse(value).map(|value| Self(Some(value)))
    }

    fn absent() -> Result<Self, ValidationErrors> {
        Ok(Self(None))
    }
}

/// A field of a `PATCH` of something that need not be there: absent leaves it as it is, `null`
/// takes it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NullablePatch<T>(pub Option<Option<T>>);

impl<T: InputField> InputField for NullablePatch<T> {
    fn parse(value: Value) -> Result<Self, ValidationErrors> {
        Option::parse(value).map(|value| Self(Some(value)))
    }

    fn absent() -> Result<Self, ValidationErrors> {
        Ok(Self(None))
    }
}

/// As the value itself: that it can be absent is said by the object that it is in.
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

/// As the value or `null`.
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
