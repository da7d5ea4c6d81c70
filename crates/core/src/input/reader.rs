//! Reading named fields one by one, and remembering everything that is wrong with them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{FromFields, InputField, ValidationErrors};

/// The fields of a request, while they are read.
#[derive(Debug)]
pub struct FieldReader {
    values: BTreeMap<String, Raw>,
    errors: ValidationErrors,
}

#[derive(Debug)]
enum Raw {
    Json(Value),
    Text(String),
}

impl FieldReader {
    /// Reads an object; all errors at once.
    ///
    /// # Errors
    /// Every field that is wrong, missing or not known.
    pub fn object<T: FromFields>(object: Map<String, Value>) -> Result<T, ValidationErrors> {
        let values = object.into_iter().map(|(name, v)| (name, Raw::Json(v)));
        Self::read(values.collect())
    }

    /// Reads query parameters; all errors at once.
    pub fn parameters<T: FromFields>(
        parameters: BTreeMap<String, String>,
    ) -> Result<T, ValidationErrors> {
        let values = parameters.into_iter().map(|(name, t)| (name, Raw::Text(t)));
        Self::read(values.collect())
    }

    fn read<T: FromFields>(values: BTreeMap<String, Raw>) -> Result<T, ValidationErrors> {
        let mut reader = Self {
            values,
            errors: ValidationErrors::default(),
        };
        let read = T::read(&mut reader);
        for name in reader.values.keys() {
            reader.errors.add(ValidationErrors::unknown().at(name));
        }
        match read {
            Some(value) if reader.errors.is_empty() => Ok(value),
            _ => Err(reader.errors),
        }
    }

    /// Refuses what was not taken in these words, as not valid. For documents, whose members are
    /// what the client keeps: a wrong one does not make the request malformed.
    pub fn reject_unknown(&mut self, message: &'static str) {
        for name in std::mem::take(&mut self.values).into_keys() {
            self.errors.add(ValidationErrors::new(message).at(&name));
        }
    }

    /// The field of that name. If there is something wrong with it, that is remembered, and the
    /// next field can be read.
    pub fn take<T: InputField>(&mut self, name: &str) -> Option<T> {
        // A field called `type` is `r#type` in Rust and nowhere else.
        let name = name.strip_prefix("r#").unwrap_or(name);
        let result = match self.values.remove(name) {
            Some(Raw::Json(value)) => T::parse(value),
            Some(Raw::Text(text)) => T::parse_text(&text),
            None => T::absent(),
        };
        result.map_err(|error| self.errors.add(error.at(name))).ok()
    }
}
