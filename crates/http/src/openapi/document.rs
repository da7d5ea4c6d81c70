//! The document itself.

use actix_web::http::StatusCode;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::{
    super::{
        Problem, RouteInfo, Routes, SampleValues,
        edge::{is_api, is_health},
    },
    Operation,
    access::{SESSION, TOKEN, security},
};
use tenantry_core::{id, value::Slug};

/// The general part of the document.
#[derive(Clone, Copy, Debug)]
pub struct ApiInfo<'a> {
    /// The service's name.
    pub title: &'a str,
    /// Its version.
    pub version: &'a str,
    /// What applies to every route, as Markdown.
    pub description: &'a str,
    /// The SPDX expression of its licence.
    pub license: &'a str,
    /// The contact for questions about a deployment.
    pub contact: &'a str,
    /// The name of the session cookie.
    pub cookie: &'a str,
}

/// The OpenAPI document of these routes.
///
/// # Panics
/// When an operation has no id, two have the same, or the tag of one has no description: a bug.
#[must_use]
pub fn document(info: ApiInfo<'_>, routes: &Routes) -> Value {
    let settings = SchemaSettings::draft2020_12()
        .for_serialize()
        .with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
    let mut schemas = settings.into_generator();
    schemas.subschema_for::<Slug>();
    schemas.subschema_for::<Problem>();
    let mut paths = Map::new();
    let mut shared = Map::new();
    let mut names = Vec::new();
    let tags = routes.tags();
    for described in routes.described() {
        let route = described.info();
        let Some((name, summary)) = described.operation() else {
            let RouteInfo { method, path, .. } = route;
            panic!("{method} {path} has no description: add `.operation(name, summary)` after it");
        };
        assert!(!names.contains(&name), "two routes are named {name}");
        let tag = tag(route.path);
        assert!(
            tags.contains_key(tag),
            "{} has the tag {tag}: describe it with `.tag(name, description)`",
            route.path
        );
        names.push(name);
        let mut operation = Operation::new(&mut schemas);
        described.describe(&mut operation);
        let operation = render(route, name, summary, operation, &mut shared);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    let tags: Vec<_> = tags
        .iter()
        .map(|(name, description)| json!({"name": name, "description": description}))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": info.title,
            "version": info.version,
            "description": info.description,
            "license": {"name": info.license, "identifier": info.license},
            "contact": {"name": info.contact},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.take_definitions(true),
            "headers": headers(),
            "responses": shared,
            "securitySchemes": {
                SESSION: {"type": "apiKey", "in": "cookie", "name": info.cookie},
                TOKEN: {"type": "http", "scheme": "bearer"},
            },
        },
    })
}

fn render(
    route: &RouteInfo,
    name: &str,
    summary: &str,
    operation: Operation<'_>,
    shared: &mut Map<String, Value>,
) -> Value {
    let mut parameters = in_path(route.path);
    parameters.extend(operation.parameters);
    let mut responses = Map::new();
    let success = operation.success;
    let mut response = json!({
        "description": success.status.canonical_reason().unwrap_or("Success"),
        "headers": common_headers(route),
    });
    for (name, header) in success.headers {
        response["headers"][name] = header;
    }
    if let Some((media_type, schema)) = success.content {
        response["content"] = json!({media_type: {"schema": schema}});
    }
    responses.insert(success.status.as_str().to_owned(), response);
    if let Some((status, schema)) = operation.other_success {
        let response = json!({
            "description": status.canonical_reason().unwrap_or("Success"),
            "headers": common_headers(route),
            "content": {"application/json": {"schema": schema}},
        });
        responses.insert(status.as_str().to_owned(), response);
    }
    for (status, codes) in operation.errors {
        let codes: Vec<_> = codes.into_iter().collect();
        let name = codes.join("-");
        let mut refusal = refusal(route, status, &codes);
        // Responses that many routes share are written once.
        if is_api(route.path) && codes.len() <= 2 {
            shared.insert(name.clone(), refusal);
            refusal = json!({"$ref": format!("#/components/responses/{name}")});
        }
        responses.insert(status.to_string(), refusal);
    }
    let mut written = json!({
        "operationId": name,
        "summary": summary,
        "description": format!("Who may call it: {}.", route.access),
        "tags": [tag(route.path)],
        "security": security(route),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(mut body) = operation.body {
        if let Some(sample) = route.sample.body {
            let example = sample(&SampleValues::example());
            let contents = body["content"].as_object_mut().into_iter().flatten();
            contents.for_each(|(_, content)| content["example"] = example.clone());
        }
        written["requestBody"] = body;
    }
    written
}

fn refusal(route: &RouteInfo, status: u16, codes: &[&str]) -> Value {
    let mut headers = common_headers(route);
    match status {
        401 => headers["WWW-Authenticate"] = header("WWW-Authenticate"),
        429 | 503 => headers["Retry-After"] = header("Retry-After"),
        _ => {}
    }
    let reason = StatusCode::from_u16(status).ok();
    let reason = reason.and_then(|status| status.canonical_reason());
    let problem = json!({
        "allOf": [{"$ref": "#/components/schemas/Problem"}],
        "properties": {"status": {"const": status}, "code": {"enum": codes}},
    });
    json!({
        "description": reason.unwrap_or("Refused"),
        "headers": headers,
        "content": {"application/problem+json": {"schema": problem}},
    })
}

/// The parameters of the path. All ids have one form; clients treat them as opaque.
fn in_path(path: &str) -> Vec<Value> {
    let segments = path.split('/').filter_map(|segment| {
        let name = segment.strip_prefix('{')?;
        name.strip_suffix('}')
    });
    let parameters = segments.map(|name| {
        let is_id = name == "id" || name.ends_with("_id");
        let schema = if is_id {
            json!({"type": "string", "format": "uuid", "pattern": id::PATTERN})
        } else {
            json!({"type": "string"})
        };
        json!({"name": name, "in": "path", "required": true, "schema": schema})
    });
    parameters.collect()
}

/// The group of a route: the first segment behind `/api`, without a file's ending.
fn tag(path: &str) -> &str {
    let segments = path.split('/').skip(1);
    let mut segments = segments.filter(|segment| *segment != "api");
    let segment = segments.next().unwrap_or_default();
    segment.split('.').next().unwrap_or_default()
}

fn header(name: &str) -> Value {
    json!({"$ref": format!("#/components/headers/{name}")})
}

/// The headers of every response of a route.
fn common_headers(route: &RouteInfo) -> Value {
    let mut headers = json!({"X-Request-Id": header("X-Request-Id")});
    if is_api(route.path) || is_health(route.path) {
        headers["Cache-Control"] = header("Cache-Control");
    }
    if is_api(route.path) {
        headers["Vary"] = header("Vary");
    }
    headers
}

fn headers() -> Value {
    let always = |description: &str, schema: Value| json!({"required": true, "description": description, "schema": schema});
    json!({
        "X-Request-Id": always("The id of the request", json!({"type": "string", "format": "uuid"})),
        "Cache-Control": always("No answer may be stored", json!({"const": "no-store"})),
        "Vary": always("What an answer depends on", json!({"type": "string"})),
        "WWW-Authenticate": always("How to identify oneself", json!({"type": "string"})),
        "Retry-After": always("The seconds to wait", json!({"type": "string", "pattern": "^[0-9]+$"})),
    })
}
