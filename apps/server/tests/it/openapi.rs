//! The OpenAPI document: checked in, served and printed.
//!
//! [`Contract`] checks every response in these tests against it; here the check itself is tested.

use std::{env, fs};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};
use tenantry::app;
use tenantry_http::Routes;
use tenantry_testkit::{Answer, Backend, Exchange, TestDatabase};

use crate::support::{Contract, Program, TestServer};

/// The snapshot.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

fn document() -> Value {
    app::document(&app::routes())
}

#[test]
fn the_checked_in_document_matches_the_code() {
    let generated = document();
    if env::var_os("TENANTRY_RENEW").is_some() {
        let text = serde_json::to_string_pretty(&generated).expect("plain data");
        fs::write(FILE, text + "\n").expect("a file of the repository");
    }
    let text = fs::read_to_string(FILE).expect("a file of the repository");
    let documented: Value = serde_json::from_str(&text).expect("JSON");
    assert!(
        documented == generated,
        "docs/openapi.json is not what the code says. If the code is right, run\n\
         TENANTRY_RENEW=1 cargo test -p tenantry --test it openapi"
    );
}

#[test]
fn the_program_prints_the_document_without_any_settings() {
    let printed = Program::bare().run(&["openapi"]);
    assert_eq!(printed.code, Some(0), "{}", printed.stderr);
    let printed: Value = serde_json::from_str(&printed.stdout).expect("JSON");
    assert_eq!(printed, document());
}

#[test]
fn every_route_is_one_operation() {
    let document = document();
    for route in app::routes().infos() {
        let method = route.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][route.path][&method];
        if !route.is_operation {
            assert!(operation.is_null(), "{method} {}", route.path);
            let is_file = ["/docs/", "/assets/"]
                .iter()
                .any(|of| route.path.starts_with(of));
            assert!(route.is_page || is_file, "{}", route.path);
            continue;
        }
        assert!(operation.is_object(), "{method} {}", route.path);
        let responses = operation["responses"].as_object().expect("an object");
        let is_success = |status: &String| status.starts_with('2');
        let successes = responses.keys().filter(|status| is_success(status)).count();
        // With a confirmed address as a requirement, a signup opens no session yet.
        let has_two = (method.as_str(), route.path) == ("post", "/api/auth/signup");
        assert_eq!(
            successes,
            1 + usize::from(has_two),
            "{method} {}",
            route.path
        );
    }
}

/// Types with equal names would get numbers, which the next type could change.
#[test]
fn every_type_has_a_unique_name() {
    let document = document();
    let schemas = document["components"]["schemas"].as_object();
    for name in schemas.expect("an object").keys() {
        assert!(!name.ends_with(|c: char| c.is_ascii_digit()), "{name}");
    }
}

#[test]
#[should_panic(expected = "GET /x has no description")]
fn a_route_without_a_description_panics() {
    let access = tenantry_http::Access::anyone();
    let _ = app::document(&Routes::new().get("/x", access, async || "x"));
}

async fn served(path: &str) -> Answer {
    let db = TestDatabase::new(Backend::Sqlite).await;
    let server = TestServer::start(&db).await;
    server.client().get(path).send().await
}

#[tokio::test]
async fn the_document_is_public() {
    let answer = served("/api/openapi.json").await.expect(200);
    assert_eq!(answer.json(), document());
}

/// The page loads from this host only, and its policy forbids everything else.
#[tokio::test]
async fn the_viewer_needs_no_other_host() {
    let page = served("/docs").await.expect(200);
    let policy = page.header("content-security-policy").expect("a policy");
    let runtime = policy
        .split(';')
        .flat_map(|directive| directive.split_whitespace().skip(1));
    for source in runtime {
        assert!(["'self'", "'none'", "data:"].contains(&source), "{source}");
    }
    let page = String::from_utf8(page.body).expect("text");
    let loaded: Vec<_> = ["src=\"", "href=\""]
        .into_iter()
        .flat_map(|attribute| page.split(attribute).skip(1))
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(loaded.len(), 4, "{loaded:?}");
    for path in loaded {
        assert!(path.starts_with("/docs/"), "{path}");
        let part = served(path).await.expect(200);
        assert!(!part.body.is_empty(), "{path}");
        let text = String::from_utf8_lossy(&part.body).into_owned();
        if path.ends_with(".css") {
            assert!(!text.contains("@import"), "{path}");
            for url in text.split("url(").skip(1) {
                let url = url.trim_start_matches(['"', '\'']);
                assert!(url.starts_with("data:"), "{path} loads {url:.60}");
            }
        }
        if path.ends_with("start.js") {
            assert!(text.contains("url: \"/api/openapi.json\""), "{text}");
            assert!(!text.contains("//") || !text.contains("://"), "{text}");
            // The one external address that the viewer would query by default.
            assert!(text.contains("validatorUrl: null"), "{text}");
        }
    }
    for other in [
        "/docs/index.html",
        "/docs/swagger-initializer.js",
        "/docs/%2e%2e%2findex.html",
    ] {
        served(other).await.expect(404);
    }
}

/// The violations of a response to `GET` of a project.
fn violations(status: u16, headers: &[(&str, &str)], body: &Value) -> Vec<String> {
    let mut all = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        all.insert(name, HeaderValue::from_str(value).expect("a value"));
    }
    let answer = Answer::new(status, all, body.to_string().into_bytes());
    Contract::of(document()).violations(&Exchange {
        method: "GET",
        path: "/api/projects/01890000-0000-7000-8000-000000000001",
        query: None,
        sent: None,
        answer: &answer,
    })
}

const HEADERS: [(&str, &str); 5] = [
    ("content-type", "application/json"),
    ("x-request-id", "01890000-0000-7000-8000-000000000002"),
    ("cache-control", "no-store"),
    ("vary", "Cookie, Authorization, X-Organization-Slug"),
    ("etag", "\"1\""),
];

fn project() -> Value {
    json!({
        "id": "01890000-0000-7000-8000-000000000001",
        "name": "Note G",
        "description": "",
        "status": "draft",
        "created_at": "2026-01-31T12:00:00Z",
        "updated_at": "2026-01-31T12:00:00Z",
    })
}

#[test]
fn a_documented_response_has_no_violations() {
    assert_eq!(violations(200, &HEADERS, &project()), Vec::<String>::new());
}

#[test]
fn an_undocumented_response_is_a_violation() {
    let with = |name: &str, value: Value| {
        let mut project = project();
        project[name] = value;
        project
    };
    let mut without = project();
    without.as_object_mut().expect("an object").remove("name");
    for wrong in [
        without,
        with("name", json!(7)),
        with("id", json!("7")),
        with("status", json!("lost")),
        with("created_at", json!("yesterday")),
        with("secret", json!("x")),
    ] {
        assert!(!violations(200, &HEADERS, &wrong).is_empty(), "{wrong}");
    }
    assert!(!violations(418, &HEADERS, &project()).is_empty());
    assert!(!violations(201, &HEADERS, &project()).is_empty());
    for index in 0..HEADERS.len() {
        let mut fewer = HEADERS.to_vec();
        let (name, _) = fewer.remove(index);
        assert!(!violations(200, &fewer, &project()).is_empty(), "{name}");
    }
    let more = [&HEADERS[..], &[("x-powered-by", "us")]].concat();
    assert!(!violations(200, &more, &project()).is_empty());
}

#[test]
fn an_undeclared_error_code_is_a_violation() {
    let mut headers = HEADERS.to_vec();
    headers.retain(|(name, _)| *name != "etag");
    headers[0] = ("content-type", "application/problem+json");
    let problem = |code: &str| {
        json!({
            "type": format!("urn:tenantry:problem:{code}"),
            "title": "Not Found",
            "status": 404,
            "detail": "there is nothing here",
            "code": code,
            "request_id": "01890000-0000-7000-8000-000000000002",
        })
    };
    assert_eq!(
        violations(404, &headers, &problem("project_not_found")),
        Vec::<String>::new()
    );
    assert!(!violations(404, &headers, &problem("invoice_not_found")).is_empty());
}
