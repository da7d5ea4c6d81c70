//! Checks every response that a test receives against the OpenAPI document.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use jsonschema::Validator;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use tenantry::app;
use tenantry_testkit::{Answer, ApiClient, Exchange};

/// The document, with its compiled schemas.
pub(crate) struct Contract {
    document: Value,
    /// Compiled on first use, by the schema's text.
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

/// Transport headers, which the document does not list.
const TRANSPORT: [&str; 5] = [
    "connection",
    "content-length",
    "content-type",
    "date",
    "transfer-encoding",
];

/// Security headers, the same on every response.
const SECURITY: [&str; 5] = [
    "content-security-policy",
    "cross-origin-resource-policy",
    "referrer-policy",
    "strict-transport-security",
    "x-content-type-options",
];

/// The OpenAPI document.
pub(crate) static DOCUMENT: LazyLock<Value> = LazyLock::new(|| app::document(&app::routes()));

static OURS: LazyLock<Contract> = LazyLock::new(|| Contract::of(DOCUMENT.clone()));

/// Whether a path is the API's; every other path, known or not, is a page for people.
fn is_for_programs(path: &str) -> bool {
    path == "/docs" || path.starts_with("/api") || path.starts_with("/health")
}

/// The paths of files that pages load: the document has no operation for them.
static FILES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let routes = app::routes().infos().into_iter();
    let files = routes.filter(|route| !route.is_operation);
    files.map(|route| route.path).collect()
});

impl Contract {
    /// Checks every response that the client receives from now on.
    pub(crate) fn watch(client: ApiClient) -> ApiClient {
        client.observed(|exchange| {
            let path = exchange.path.trim_end_matches('/');
            if FILES.contains(&path) || !is_for_programs(path) {
                return;
            }
            let violations = OURS.violations(exchange);
            assert!(
                violations.is_empty(),
                "the response violates the OpenAPI document: {}\nIf the response is right, declare it on \
                 the route (`errors`, the handler's types).\n{}",
                violations.join("; "),
                exchange.answer
            );
        })
    }

    /// A document. Response objects may have no undocumented members.
    pub(crate) fn of(mut document: Value) -> Self {
        let schemas = document["components"]["schemas"].as_object_mut();
        for (name, schema) in schemas.expect("schemas") {
            // Problem types may have extension members (RFC 9457).
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
    pub(crate) fn violations(&self, exchange: &Exchange<'_>) -> Vec<String> {
        let Some(path) = self.path(exchange.path) else {
            return self.unknown(exchange.answer, 404).into_iter().collect();
        };
        let method = match exchange.method {
            "HEAD" => "get".to_owned(),
            // Methods are case-sensitive: `get` is not `GET`.
            "get" => "-".to_owned(),
            other => other.to_ascii_lowercase(),
        };
        let Some(operation) = path.get(&method) else {
            let is_hidden = ["/api/admin/", "/api/reports/"]
                .iter()
                .any(|root| exchange.path.starts_with(root));
            // To all but operators the path does not exist.
            if is_hidden && exchange.answer.status == 404 {
                return self.unknown(exchange.answer, 404).into_iter().collect();
            }
            let rejection = self.unknown(exchange.answer, 405);
            let methods = allow_violation(path, exchange.answer);
            return rejection.into_iter().chain(methods).collect();
        };

        let mut violations = Vec::new();
        let answer = exchange.answer;
        let response = self.resolved(&operation["responses"][answer.status.to_string()]);
        if response.is_null() {
            return vec![format!("status {} is undocumented", answer.status)];
        }
        violations.extend(self.header_violations(response, answer));
        violations.extend(self.body_violation(response, answer, exchange.method == "HEAD"));
        if (200..300).contains(&answer.status) {
            violations.extend(self.invalid_but_accepted(operation, exchange));
        }
        violations
    }

    /// The path item; literal segments take precedence over parameters.
    fn path(&self, path: &str) -> Option<&Map<String, Value>> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments: Vec<_> = path
            .split('/')
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
            .collect();
        let fits = |pattern: &str| {
            let pattern: Vec<_> = pattern.split('/').collect();
            pattern.len() == segments.len()
                && pattern.iter().zip(&segments).all(|(pattern, segment)| {
                    (pattern.starts_with('{') && !segment.is_empty()) || pattern == segment
                })
        };
        let paths = self.document["paths"].as_object().expect("an object");
        let fitting = paths.iter().filter(|(pattern, _)| fits(pattern));
        // `{` sorts after all letters.
        let best = fitting.min_by_key(|(pattern, _)| *pattern);
        best.and_then(|(_, path)| path.as_object())
    }

    /// The target of a `$ref`, or the value itself.
    fn resolved<'v>(&'v self, value: &'v Value) -> &'v Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#');
                self.document
                    .pointer(pointer)
                    .expect("the target of the reference")
            }
            None => value,
        }
    }

    /// Checks the response to a path or method that is not in the document.
    fn unknown(&self, answer: &Answer, status: u16) -> Option<String> {
        let problem = json!({"$ref": "#/components/schemas/Problem"});
        // Unknown paths count against the limit of requests.
        let is_limited = answer.status == 429
            && (answer.body.is_empty() || answer.problem_code() == "rate_limited");
        if answer.status != status && answer.status != 400 && !is_limited {
            return Some(format!("an undocumented route must return {status}"));
        }
        (!answer.body.is_empty())
            .then(|| self.invalid(&problem, &answer.body))
            .flatten()
    }

    fn header_violations(&self, response: &Value, answer: &Answer) -> Vec<String> {
        let documented = response["headers"].as_object().cloned().unwrap_or_default();
        let mut violations = Vec::new();
        for (name, header) in &documented {
            let header = self.resolved(header);
            match answer.header(name) {
                Some(value) => {
                    let value = json!(value).to_string();
                    violations.extend(self.invalid(&header["schema"], value.as_bytes()));
                }
                None if header["required"] == true => violations.push(format!("{name} is missing")),
                None => {}
            }
        }
        let is_known = |name: &str| {
            TRANSPORT.contains(&name)
                || SECURITY.contains(&name)
                || documented
                    .keys()
                    .any(|known| known.eq_ignore_ascii_case(name))
        };
        let unknown = answer
            .headers
            .keys()
            .filter(|name| !is_known(name.as_str()));
        violations.extend(unknown.map(|name| format!("{name} is undocumented")));
        violations
    }

    fn body_violation(&self, response: &Value, answer: &Answer, is_head: bool) -> Option<String> {
        let declared = answer.header("content-type").unwrap_or_default();
        let essence = declared.split(';').next().unwrap_or_default();
        let Some(content) = response["content"].as_object() else {
            return (!answer.body.is_empty()).then(|| "an undocumented body".to_owned());
        };
        let found = content
            .iter()
            .find(|(name, _)| *name == essence || *name == "*/*");
        let Some((name, media)) = found else {
            return Some(format!("content type {declared:?} is undocumented"));
        };
        if is_head || !name.ends_with("json") {
            return None;
        }
        self.invalid(&media["schema"], &answer.body)
    }

    /// A request that was accepted must be valid by the document.
    fn invalid_but_accepted(&self, operation: &Value, exchange: &Exchange<'_>) -> Vec<String> {
        let mut violations = Vec::new();
        let parameters = operation["parameters"].as_array().expect("a list");
        for pair in exchange.query.unwrap_or_default().split('&') {
            let name = pair.split('=').next().unwrap_or_default();
            let known = parameters
                .iter()
                .any(|known| known["in"] == "query" && known["name"] == name);
            if !known && !name.is_empty() {
                violations.push(format!(
                    "query parameter {name} is undocumented and was accepted"
                ));
            }
        }
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if let (false, Some(sent)) = (schema.is_null(), exchange.sent) {
            // Formats are not checked: the server trims a value before it parses it.
            let invalid = self.schema_errors(schema, sent, false);
            violations.extend(invalid.map(|why| format!("an invalid body was accepted: {why}")));
        }
        violations
    }

    /// Why a text is not valid JSON of this schema.
    fn invalid(&self, schema: &Value, text: &[u8]) -> Option<String> {
        self.schema_errors(schema, text, true)
    }

    fn schema_errors(&self, schema: &Value, text: &[u8], formats: bool) -> Option<String> {
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

/// Checks the `Allow` header of a 405.
fn allow_violation(path: &Map<String, Value>, answer: &Answer) -> Option<String> {
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
    (named != documented).then(|| format!("Allow is {allow}, expected {documented:?}"))
}
