//! The JSON Schema (draft 2020-12) of values on the wire, declared once per type.
//!
//! Ids and text values declare theirs ([`define_id!`](crate::define_id),
//! [`text_value!`](crate::text_value), [`text_field!`](crate::text_field)), requests are
//! described by [`request!`](crate::request), and responses derive [`JsonSchema`].

pub use schemars::{JsonSchema, Schema, SchemaGenerator as Schemas, json_schema};
use serde_json::{Map, Value};

use super::InputField;

/// The schema of an object, built field by field, without additional fields.
#[derive(Debug, Default)]
pub struct ObjectSchema {
    properties: Map<String, Value>,
    required: Vec<Value>,
}

impl ObjectSchema {
    /// An object without fields.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field with the lines of its documentation. Its type decides whether it is required.
    #[must_use]
    pub fn field<T: InputField>(
        mut self,
        name: &str,
        docs: &[&str],
        schemas: &mut Schemas,
    ) -> Self {
        // A field called `type` is `r#type` in Rust and nowhere else.
        let name = name.strip_prefix("r#").unwrap_or(name);
        let mut schema = schemas.subschema_for::<T>();
        describe(&mut schema, docs);
        self.properties.insert(name.to_owned(), schema.into());
        if T::absent().is_err() {
            self.required.push(name.into());
        }
        self
    }

    /// The schema.
    #[must_use]
    pub fn finish(self, docs: &[&str]) -> Schema {
        let mut schema = json_schema!({
            "type": "object",
            "properties": self.properties,
            "required": self.required,
            "additionalProperties": false,
        });
        describe(&mut schema, docs);
        schema
    }
}

/// Adds documentation to a schema, if there is any.
pub fn describe(schema: &mut Schema, docs: &[&str]) {
    let lines: Vec<_> = docs.iter().map(|line| line.trim()).collect();
    let text = lines.join(" ");
    if !text.is_empty() {
        schema.insert("description".to_owned(), text.into());
    }
}

/// Describes a type by the keywords of its schema:
/// `value_schema!(Slug, { "type": "string", "maxLength": 63 });`. With `inline` before the name,
/// the document repeats the schema in place, without a named type.
#[macro_export]
macro_rules! value_schema {
    ($name:ident, { $($keyword:tt)* }) => {
        $crate::value_schema!(@ $name, false, { $($keyword)* });
    };
    (inline $name:ident, { $($keyword:tt)* }) => {
        $crate::value_schema!(@ $name, true, { $($keyword)* });
    };
    (@ $name:ident, $inline:literal, { $($keyword:tt)* }) => {
        impl $crate::input::schema::JsonSchema for $name {
            fn inline_schema() -> bool {
                $inline
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($name)).into()
            }

            fn json_schema(_: &mut $crate::input::schema::Schemas) -> $crate::input::schema::Schema {
                $crate::input::schema::json_schema!({ $($keyword)* })
            }
        }
    };
}
