//! Fields of a `PATCH`.

use serde_json::Value;

use super::{Field, FieldError};

/// A field of a `PATCH`: absent leaves the thing as it is. It can't be `null`: what has a value
/// is not made to have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<T>(pub Option<T>);

impl<T: Field> Field for Change<T> {
    fn parse(value: Value) -> Result<Self, FieldError> {
        if value.is_null() {
            return Err(FieldError::new("can be left out, but not be null"));
        }
        T::parse(value).map(|value| Self(Some(value)))
    }

    fn absent() -> Result<Self, FieldError> {
        Ok(Self(None))
    }
}

/// A field of a `PATCH` of something that need not be there: absent leaves it as it is, `null`
/// takes it away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clearable<T>(pub Option<Option<T>>);

impl<T: Field> Field for Clearable<T> {
    fn parse(value: Value) -> Result<Self, FieldError> {
        Option::parse(value).map(|value| Self(Some(value)))
    }

    fn absent() -> Result<Self, FieldError> {
        Ok(Self(None))
    }
}
