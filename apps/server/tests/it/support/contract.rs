//! What the OpenAPI document promises, held against every answer that a test gets.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use jsonschema::Validator;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use tenantry::app;
use tenantry_testkit::{Answer, ApiClient, Exchange};

/// The document, ready to be asked.
pub(crate) struct Contract {
    document: Value,
    /// One for each schema that was asked for, by its text.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Headers of the transport, which are no promise of ours.
const TRANSPORT: [&str; 5] = [
    "connection",
    "content-length",
    "content-type",
    "date",
    "transfer-encoding",
];

/// Headers that are for browsers alone, and the same on every answer.
const PROTECTION: [&str; 5] = [
    "content-security-policy",
    "cross-origin-resource-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
];

/// The document of all routes.
static OURS: LazyLock<Contract> = LazyLock::new(|| Contract::of(app::document(&app::routes())));

impl Contract {
    /// The client; from now on every answer that it gets is held against the document.
    pub(crate) fn watch(client: ApiClient) -> ApiClient {
        client.watched(|exchange| {
            let drift = OURS.drift(exchange);
            assert!(
                drift.is_empty(),
                "the document says otherwise: {}\nIf the answer is right, its route has to say so \
                 (`refuses`, the handler's types).\n{}",
                drift.join("; "),
                exchange.answer
            );
        })
    }

    /// The promises of a document. Objects in answers have no other members than it says.
    pub(crate) fn of(mut document: Value) -> Self {
        let schemas = document["components"]["schemas"].as_object_mut();
        for (name, schema) in schemas.expect("there are some") {
            // A problem may have members of its own.
            if let Some(object) = schema.as_object_mut()
                && object.contains_key("properties")
                && name != "Problem"
            {
                object.insert("additionalProperties".to_owned(), json!(false));
            }
        }
        Self {
            document,
            validators: Mutex::default(),
        }
    }

    /// Where an exchange differs from the document.
    pub(crate) fn drift(&self, exchange: &Exchange<'_>) -> Vec<String> {
        let Some(path) = self.path(exchange.path) else {
            return self.unknown(exchange.answer, 404).into_iter().collect();
        };
        let method = match exchange.method {
            "HEAD" => "get".to_owned(),
            // Methods are written in upper case; `get` is another one.
            "get" => "-".to_owned(),
            other => other.to_ascii_lowercase(),
        };
        let Some(operation) = path.get(&method) else {
            let refusal = self.unknown(exchange.answer, 405);
            let methods = misallowed(path, exchange.answer);
            return refusal.into_iter().chain(methods).collect();
        };

        let mut drift = Vec::new();
        let answer = exchange.answer;
        let response = self.resolved(&operation["responses"][answer.status.to_string()]);
        if response.is_null() {
            return vec![format!("status {} is not there", answer.status)];
        }
        drift.extend(self.misheaded(response, answer));
        drift.extend(self.misworded(response, answer, exchange.method == "HEAD"));
        if (200..300).contains(&answer.status) {
            drift.extend(self.misaccepted(operation, exchange));
        }
        drift
    }

    /// What the document says of a path; spelled-out segments go before parameters.
    fn path(&self, path: &str) -> Option<&Map<String, Value>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let asked: Vec<_> = path
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
            .collect();
        let fits = |pattern: &str| {
            let pattern: Vec<_> = pattern.split('/').collect();
            pattern.len() == asked.len()
                && pattern.iter().zip(&asked).all(|(pattern, asked)| {
                    (pattern.starts_with('{') && !asked.is_empty()) || pattern == asked
                })
        };
        let paths = self.document["paths"].as_object().expect("an object");
        let fitting = paths.iter().filter(|(pattern, _)| fits(pattern));
        // `{` sorts behind all letters.
        let best = fitting.min_by_key(|(pattern, _)| *pattern);
        best.and_then(|(_, path)| path.as_object())
    }

    /// What a reference stands for, or the value itself.
    fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#');
                self.document.pointer(pointer).expect("what is referred to")
            }
            None => value,
        }
    }

    /// What is wrong with the answer to something that the document does not know.
    fn unknown(&self, answer: &Answer, status: u16) -> Option<String> {
        let problem = json!({"$ref": "#/components/schemas/Problem"});
        if answer.status != status && answer.status != 400 {
            return Some(format!("no such route should be {status}"));
        }
        (!answer.body.is_empty())
            .then(|| self.invalid(&problem, &answer.body))
            .flatten()
    }

    fn misheaded(&self, response: &Value, answer: &Answer) -> Vec<String> {
        let documented = response["headers"].as_object().cloned().unwrap_or_default();
        let mut drift = Vec::new();
        for (name, header) in &documented {
            let header = self.resolved(header);
            match answer.header(name) {
                Some(value) => {
                    let value = json!(value).to_string();
                    drift.extend(self.invalid(&header["schema"], value.as_bytes()));
                }
                None if header["required"] == true => drift.push(format!("{name} is missing")),
                None => {}
            }
        }
        let is_known = |name: &str| {
            TRANSPORT.contains(&name)
                || PROTECTION.contains(&name)
                || documented
                    .keys()
                    .any(|known| known.eq_ignore_ascii_case(name))
        };
        let unknown = answer
            .headers
            .keys()
            .filter(|name| !is_known(name.as_str()));
        drift.extend(unknown.map(|name| format!("{name} is not there")));
        drift
    }

    fn misworded(&self, response: &Value, answer: &Answer, is_head: bool) -> Option<String> {
        let declared = answer.header("content-type").unwrap_or_default();
        let essence = declared.split(';').next().unwrap_or_default();
        let Some(content) = response["content"].as_object() else {
            return (!answer.body.is_empty()).then(|| "a body where none is".to_owned());
        };
        let found = content
            .iter()
            .find(|(name, _)| *name == essence || *name == "*/*");
        let Some((name, media)) = found else {
            return Some(format!("content type {declared:?} is not there"));
        };
        if is_head || !name.ends_with("json") {
            return None;
        }
        self.invalid(&media["schema"], &answer.body)
    }

    /// What was accepted has to be what the document calls valid.
    fn misaccepted(&self, operation: &Value, exchange: &Exchange<'_>) -> Vec<String> {
        let mut drift = Vec::new();
        let parameters = operation["parameters"].as_array().expect("a list");
        for pair in exchange.query.unwrap_or_default().split('&') {
            let name = pair.split('=').next().unwrap_or_default();
            let known = parameters
                .iter()
                .any(|known| known["in"] == "query" && known["name"] == name);
            if !known && !name.is_empty() {
                drift.push(format!(
                    "query parameter {name} is not there, and is accepted"
                ));
            }
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if let (false, Some(sent)) = (schema.is_null(), exchange.sent) {
            // What is trimmed before it is read need not have the form that its value has.
            let invalid = self.unlike(schema, sent, false);
            drift.extend(invalid.map(|why| format!("a body is accepted that is not valid: {why}")));
        }
        drift
    }

    /// Why a text is no JSON of this schema.
    fn invalid(&self, schema: &Value, text: &[u8]) -> Option<String> {
        self.unlike(schema, text, true)
    }

    fn unlike(&self, schema: &Value, text: &[u8], formats: bool) -> Option<String> {
        let value: Value = match serde_json::from_slice(text) {
            Ok(value) => value,
            Err(error) => return Some(format!("not JSON: {error}")),
        };
        let validator = self.validator(schema, formats);
        let errors: Vec<_> = validator
            .iter_errors(&value)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        (!errors.is_empty()).then(|| errors.join(", "))
    }

    fn validator(&self, schema: &Value, formats: bool) -> Arc<Validator> {
        let text = format!("{schema} {formats}");
        let mut validators = self
            .validators
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let known = validators.entry(text).or_insert_with(|| {
            let whole = json!({
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "components": self.document["components"],
                "allOf": [schema],
            });
            let validator = jsonschema::options()
                .should_validate_formats(formats)
                .build(&whole);
            Arc::new(validator.unwrap_or_else(|error| panic!("{error}: {schema}")))
        });
        Arc::clone(known)
    }
}

/// What is wrong with the methods that a 405 names.
fn misallowed(path: &Map<String, Value>, answer: &Answer) -> Option<String> {
    if answer.status != 405 {
        return None;
    }
    let mut documented: Vec<_> = path.keys().map(|name| name.to_ascii_uppercase()).collect();
    if documented.iter().any(|name| name == "GET") {
        documented.push("HEAD".to_owned());
    }
    documented.sort();
    let allow = answer.header("allow").unwrap_or_default();
    let mut named: Vec<_> = allow.split(", ").map(str::to_owned).collect();
    named.sort();
    (named != documented).then(|| format!("Allow is {allow}, and should be {documented:?}"))
}
