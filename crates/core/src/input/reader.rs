//! Reads named fields one by one, and collects all errors.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::{InputField, ValidationErrors};

/// A request, or an object inside one, that is read field by field.
///
/// Declared with [`request!`](crate::request).
pub trait FromFields: JsonSchema + Sized {
    /// The media types of a body, in lower case.
    const MEDIA_TYPES: &[&str] = &["application/json"];

    /// Takes every field from the reader; `None` if one is invalid.
    fn read(from: &mut FieldReader) -> Option<Self>;
}

/// The fields of a request that is being read.
#[derive(Debug)]
pub struct FieldReader {
    values: BTreeMap<String, Raw>,
    errors: ValidationErrors,
}

#[derive(Debug)]
enum Raw {
    Json(Value),
    Text(String),
    /// A field of a form in which nothing was entered.
    Empty,
}

impl FieldReader {
    /// Reads an object.
    ///
    /// # Errors
    /// Every invalid, missing or unknown field.
    pub fn object<T: FromFields>(object: Map<String, Value>) -> Result<T, ValidationErrors> {
        let values = object.into_iter().map(|(name, v)| (name, Raw::Json(v)));
        Self::read(values.collect())
    }

    /// Reads query parameters.
    pub fn parameters<T: FromFields>(
        parameters: BTreeMap<String, String>,
    ) -> Result<T, ValidationErrors> {
        let values = parameters.into_iter().map(|(name, t)| (name, Raw::Text(t)));
        Self::read(values.collect())
    }

    /// Reads query parameters, and ignores those that are not known.
    ///
    /// # Errors
    /// Every invalid or missing parameter.
    pub fn known_parameters<T: FromFields>(
        parameters: BTreeMap<String, String>,
    ) -> Result<T, ValidationErrors> {
        let values = parameters.into_iter().map(|(name, t)| (name, Raw::Text(t)));
        let mut reader = Self::of(values.collect());
        let read = T::read(&mut reader);
        reader.finish(read)
    }

    /// Reads the fields of a form. A field that was sent several times is a list; an empty one is null
    /// where that is a value, and else absent.
    ///
    /// # Errors
    /// Every invalid, missing or unknown field.
    pub fn form<T: FromFields>(
        fields: BTreeMap<String, Vec<String>>,
    ) -> Result<T, ValidationErrors> {
        let values = fields.into_iter().map(|(name, mut texts)| {
            texts.retain(|text| !text.is_empty());
            let raw = match (texts.pop(), texts.is_empty()) {
                (None, _) => Raw::Empty,
                (Some(text), true) => Raw::Text(text),
                (last, false) => {
                    let texts = texts.into_iter().chain(last).map(Value::String);
                    Raw::Json(Value::Array(texts.collect()))
                }
            };
            (name, raw)
        });
        Self::read(values.collect())
    }

    fn read<T: FromFields>(values: BTreeMap<String, Raw>) -> Result<T, ValidationErrors> {
        let mut reader = Self::of(values);
        let read = T::read(&mut reader);
        for name in reader.values.keys() {
            reader.errors.add(ValidationErrors::unknown().at(name));
        }
        reader.finish(read)
    }

    fn of(values: BTreeMap<String, Raw>) -> Self {
        Self {
            values,
            errors: ValidationErrors::default(),
        }
    }

    fn finish<T>(self, read: Option<T>) -> Result<T, ValidationErrors> {
        match read {
            Some(value) if self.errors.is_empty() => Ok(value),
            _ => Err(self.errors),
        }
    }

    /// Rejects the remaining fields as invalid, with this message, instead of as unknown. For documents
    /// whose members the client chooses: a wrong one does not make the request malformed.
    pub fn reject_unknown(&mut self, message: &'static str) {
        for name in std::mem::take(&mut self.values).into_keys() {
            self.errors.add(ValidationErrors::new(message).at(&name));
        }
    }

    /// The field of that name; `None` if it is invalid, and then its errors are collected.
    pub fn take<T: InputField>(&mut self, name: &str) -> Option<T> {
        // A field called `type` is `r#type` in Rust and nowhere else.
        let name = name.strip_prefix("r#").unwrap_or(name);
        let result = match self.values.remove(name) {
            Some(Raw::Json(value)) => T::parse(value),
            Some(Raw::Text(text)) => T::parse_text(&text),
            // Null, where that is a value.
            Some(Raw::Empty) => T::parse(Value::Null).or_else(|_| T::absent()),
            None => T::absent(),
        };
        result.map_err(|error| self.errors.add(error.at(name))).ok()
    }
}
