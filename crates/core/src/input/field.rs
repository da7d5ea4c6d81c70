//! How one value of a request is read, and what is said when it can't be.

use std::{borrow::Cow, fmt::Display, str::FromStr};

use serde::Serialize;
use serde_json::Value;

use super::schema::JsonSchema;

/// A value that can stand in a JSON body or a query string.
///
/// Types from [`define_id!`](crate::define_id) and [`text_value!`](crate::text_value) are
/// fields already; [`text_field!`](crate::text_field) makes one of any type that is parsed
/// from text.
pub trait InputField: JsonSchema + Sized {
    /// Reads the value from JSON.
    ///
    /// # Errors
    /// What is wrong with it, in words for the client.
    fn parse(value: Value) -> Result<Self, ValidationErrors>;

    /// Reads the value from the text of a query parameter.
    ///
    /// # Errors
    /// What is wrong with it, in words for the client.
    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        Self::parse(Value::String(text.to_owned()))
    }

    /// What the absence of the field means.
    ///
    /// # Errors
    /// Unless the type says otherwise, a field is required.
    fn absent() -> Result<Self, ValidationErrors> {
        Err(ValidationErrors::new("is required"))
    }
}

/// One field that is at fault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvalidField {
    /// Where it is: a JSON pointer (RFC 6901), `/ids/3`; a query parameter is `/limit`.
    pub pointer: String,
    /// The rule that it breaks, such as `is required`.
    pub message: Cow<'static, str>,
}

/// Everything that is wrong with a value, its parts included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValidationErrors {
    invalid: Vec<InvalidField>,
    unknown: Vec<InvalidField>,
}

impl ValidationErrors {
    /// The value breaks this rule.
    #[must_use]
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            invalid: vec![here(message.into())],
            unknown: Vec::new(),
        }
    }

    /// The field is none of ours.
    pub(super) fn unknown() -> Self {
        Self {
            invalid: Vec::new(),
            unknown: vec![here("is not known".into())],
        }
    }

    /// The same, said of a part of the value: a member's name or an element's number.
    #[must_use]
    pub fn at(mut self, part: &str) -> Self {
        let part = part.replace('~', "~0").replace('/', "~1");
        for field in self.invalid.iter_mut().chain(&mut self.unknown) {
            field.pointer = format!("/{part}{}", field.pointer);
        }
        self
    }

    /// Both.
    pub fn add(&mut self, other: Self) {
        self.invalid.extend(other.invalid);
        self.unknown.extend(other.unknown);
    }

    /// Whether there is nothing wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.invalid.is_empty() && self.unknown.is_empty()
    }

    /// The fields that break a rule, and the fields that no one declared.
    #[must_use]
    pub fn into_parts(self) -> (Vec<InvalidField>, Vec<InvalidField>) {
        (self.invalid, self.unknown)
    }
}

const fn here(message: Cow<'static, str>) -> InvalidField {
    InvalidField {
        pointer: String::new(),
        message,
    }
}

/// Reads a JSON string by parsing it; what [`text_field!`](crate::text_field) stands for.
///
/// # Errors
/// For anything but a string, and the parser's own words for a string that it refuses.
pub fn parse_string<T: FromStr<Err: Display>>(value: Value) -> Result<T, ValidationErrors> {
    match value {
        Value::String(text) => text
            .parse()
            .map_err(|error: T::Err| ValidationErrors::new(error.to_string())),
        _ => Err(ValidationErrors::new("must be a string")),
    }
}

/// Lets a type that is parsed from text be a field of requests: `text_field!(Role);`.
///
/// Its error's `Display` is shown to the client. A type that derives no schema says here what its
/// text looks like: `text_field!(Search, { "minLength": 1, "maxLength": 255 });`.
#[macro_export]
macro_rules! text_field {
    ($name:ident, { $($keyword:tt)* }) => {
        $crate::value_schema!(inline $name, { "type": "string", $($keyword)* });
        $crate::text_field!($name);
    };
    ($name:ty) => {
        impl $crate::input::InputField for $name {
            fn parse(value: $crate::input::Json) -> Result<Self, $crate::input::ValidationErrors> {
                $crate::input::parse_string(value)
            }
        }
    };
}
