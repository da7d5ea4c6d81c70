//! The description of one route, built by its handler's types.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::super::problem_from::status;
use tenantry_core::{
    error::DomainError,
    input::{
        FromFields,
        schema::{JsonSchema, Schemas},
    },
};

/// The description of one route.
#[derive(Debug)]
pub struct Operation<'s> {
    pub(super) schemas: &'s mut Schemas,
    pub(super) parameters: Vec<Value>,
    pub(super) body: Option<Value>,
    pub(super) success: Success,
    /// Another successful response: its status and the schema of its body.
    pub(super) other_success: Option<(StatusCode, Value)>,
    /// The error codes of each status.
    pub(super) errors: BTreeMap<u16, BTreeSet<&'static str>>,
}

/// The successful response.
#[derive(Debug)]
pub(super) struct Success {
    pub(super) status: StatusCode,
    /// The media type and the schema of the body.
    pub(super) content: Option<(&'static str, Value)>,
    pub(super) headers: Map<String, Value>,
}

impl<'s> Operation<'s> {
    pub(super) fn new(schemas: &'s mut Schemas) -> Self {
        Self {
            schemas,
            parameters: Vec::new(),
            body: None,
            success: Success {
                status: StatusCode::OK,
                content: None,
                headers: Map::new(),
            },
            other_success: None,
            errors: BTreeMap::new(),
        }
    }

    /// Adds a possible error.
    pub fn error(&mut self, status: StatusCode, code: &'static str) {
        self.errors.entry(status.as_u16()).or_default().insert(code);
    }

    /// Adds a possible domain error.
    pub fn domain_error(&mut self, error: &impl DomainError) {
        self.error(status(error.kind()), error.code());
    }

    /// The body of the request is JSON of this type.
    pub fn request_body<T: FromFields>(&mut self) {
        let schema = self.schemas.subschema_for::<T>();
        let described = |name: &&str| ((*name).to_owned(), json!({"schema": schema}));
        let content: Map<_, _> = T::MEDIA_TYPES.iter().map(described).collect();
        self.body = Some(json!({"required": true, "content": content}));
    }

    /// The query string holds the fields of this type.
    pub fn query_parameters<T: JsonSchema>(&mut self) {
        let schema = T::json_schema(self.schemas);
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = schema.get("required").and_then(Value::as_array);
        for (name, property) in properties.into_iter().flatten() {
            let mut property = property.clone();
            let description = property
                .as_object_mut()
                .and_then(|property| property.remove("description"));
            let mut parameter = json!({
                "name": name,
                "in": "query",
                "required": required.is_some_and(|required| required.contains(&json!(name))),
                "schema": without_null(property),
            });
            if let Some(description) = description {
                parameter["description"] = description;
            }
            self.parameters.push(parameter);
        }
    }

    /// The request may have this header.
    pub fn request_header(&mut self, name: &str, description: &str, schema: Value) {
        self.parameters.push(json!({
            "name": name,
            "in": "header",
            "required": false,
            "description": description,
            "schema": schema,
        }));
    }

    /// The status of the successful response.
    pub fn success_status(&mut self, status: StatusCode) {
        self.success.status = status;
    }

    /// The successful response is JSON of this type.
    pub fn response_body<T: JsonSchema>(&mut self) {
        let schema = self.schemas.subschema_for::<T>();
        self.success.content = Some(("application/json", schema.into()));
    }

    /// Another successful response is JSON of this type.
    pub fn other_response<T: JsonSchema>(&mut self, status: StatusCode) {
        let schema = self.schemas.subschema_for::<T>();
        self.other_success = Some((status, schema.into()));
    }

    /// The successful response is text of this media type.
    pub fn response_text(&mut self, media_type: &'static str) {
        self.success.content = Some((media_type, json!({"type": "string"})));
    }

    /// A header of the successful response, which it always has if it is `required`.
    pub fn response_header(&mut self, name: &str, required: bool, description: &str) {
        let header = json!({
            "required": required,
            "description": description,
            "schema": {"type": "string"},
        });
        self.success.headers.insert(name.to_owned(), header);
    }
}

/// The schema without `null`: a query parameter is absent or has a value.
fn without_null(mut schema: Value) -> Value {
    let null = json!({"type": "null"});
    if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        values.retain(|value| !value.is_null());
    }
    match schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        Some(choices) => {
            choices.retain(|choice| *choice != null);
            match choices.as_slice() {
                [only] => only.clone(),
                _ => schema,
            }
        }
        None => schema,
    }
}
