//! Looking at answers.

use serde_json::Value;
use tenantry_testkit::Answer;

/// Two answers that tell a caller the same, byte for byte: only the date and the request's id
/// may differ.
#[track_caller]
pub(crate) fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!(lasting(one), lasting(other), "\n{one}\n\n{other}");
}

/// What two answers that tell the same have in common: status, headers and body.
pub(crate) fn lasting(answer: &Answer) -> (u16, Vec<(String, Vec<u8>)>, String) {
    // `Connection` is of one hop and not of the answer (RFC 9110, section 7.6.1): it depends on
    // how much of a refused request had arrived.
    const VARYING: [&str; 3] = ["date", "x-request-id", "connection"];
    let headers = answer.headers.iter();
    let mut headers: Vec<_> = headers
        .filter(|(name, _)| !VARYING.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.stable_body())
}

/// A refusal in the form that every refusal under `/api` has.
#[track_caller]
pub(crate) fn assert_problem(answer: &Answer) {
    assert!((400..500).contains(&answer.status), "{answer}");
    let expected = [
        ("content-type", "application/problem+json"),
        ("cache-control", "no-store"),
        ("vary", "Cookie, Authorization, X-Organization-Slug"),
    ];
    for (name, value) in expected {
        assert_eq!(answer.header(name), Some(value), "{name} of {answer}");
    }
    let id = answer.header("x-request-id").expect("an id");
    assert_eq!(id.len(), 36, "{answer}");
    // The answer to a HEAD has no body.
    if answer.body.is_empty() {
        return;
    }
    let problem = answer.json();
    assert_eq!(problem["request_id"], id, "{answer}");
    assert_eq!(problem["status"], answer.status, "{answer}");
    for member in ["type", "title", "detail", "code"] {
        let said = problem[member].as_str();
        assert!(said.is_some_and(|said| !said.is_empty()), "{answer}");
    }
}

/// One field of every item of a list.
#[track_caller]
pub(crate) fn items(answer: &Answer, field: &str) -> Vec<String> {
    let body = answer.json();
    let list = body["items"].as_array();
    let list = list.unwrap_or_else(|| panic!("no list: {answer}"));
    list.iter().map(|item| text(&item[field])).collect()
}

/// A JSON string.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    let said = value.as_str();
    said.unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}
