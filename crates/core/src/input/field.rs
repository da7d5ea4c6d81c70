//! The values of a request, and the errors of invalid ones.

use std::{borrow::Cow, fmt::Display, str::FromStr};

use schemars::JsonSchema;
use secrecy::zeroize::Zeroizing;
use serde::Serialize;
use serde_json::Value;

/// A value in a JSON body or a query string.
///
/// Types from [`define_id!`](crate::define_id) and [`text_value!`](crate::text_value) are
/// fields already; [`text_field!`](crate::text_field) makes one of any type that is parsed
/// from text.
pub trait InputField: JsonSchema + Sized {
    /// Reads the value from JSON.
    ///
    /// # Errors
    /// What is wrong with it, for the client to read.
    fn parse(value: Value) -> Result<Self, ValidationErrors>;

    /// Reads the value from the text of a query parameter.
    ///
    /// # Errors
    /// What is wrong with it, for the client to read.
    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        Self::parse(Value::String(text.to_owned()))
    }

    /// The value of an absent field.
    ///
    /// # Errors
    /// By default a field is required.
    fn absent() -> Result<Self, ValidationErrors> {
        Err(ValidationErrors::new("is required"))
    }
}

/// An invalid field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvalidField {
    /// Where it is: a JSON pointer (RFC 6901), `/ids/3`; a query parameter is `/limit`.
    pub pointer: String,
    /// The rule that it breaks, such as `is required`.
    pub message: Cow<'static, str>,
}

/// Everything that is wrong with a value and its parts.
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

    /// The field is unknown.
    pub(super) fn unknown() -> Self {
        Self {
            invalid: Vec::new(),
            unknown: vec![here("is not known".into())],
        }
    }

    /// The same errors, in a part of a value: the name of a member or the index of an element.
    #[must_use]
    pub fn at(mut self, part: &str) -> Self {
        let part = part.replace('~', "~0").replace('/', "~1");
        for field in self.invalid.iter_mut().chain(&mut self.unknown) {
            field.pointer = format!("/{part}{}", field.pointer);
        }
        self
    }

    /// Adds other errors.
    pub fn add(&mut self, other: Self) {
        self.invalid.extend(other.invalid);
        self.unknown.extend(other.unknown);
    }

    /// Whether there are no errors.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.invalid.is_empty() && self.unknown.is_empty()
    }

    /// The invalid fields, and the unknown ones.
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

/// Parses a JSON string; for [`text_field!`](crate::text_field).
///
/// # Errors
/// For anything but a string, and the parser's error for an invalid string.
pub fn parse_string<T: FromStr<Err: Display>>(value: Value) -> Result<T, ValidationErrors> {
    match value {
        Value::String(text) => {
            // It may be a password.
            let text = Zeroizing::new(text);
            text.parse()
                .map_err(|error: T::Err| ValidationErrors::new(error.to_string()))
        }
        _ => Err(ValidationErrors::new("must be a string")),
    }
}

/// Lets a type that is parsed from text be a field of requests: `text_field!(Role);`.
///
/// The client reads the `Display` of its error. A type without a schema gets one here: `text_field!(Search, { "minLength": 1, "maxLength": 255 });`.
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
