//! Assertions on responses.

use serde_json::Value;
use tenantry_testkit::Answer;

/// Asserts that two responses are indistinguishable to the caller: equal byte for byte, except
/// for the date and the request id.
#[track_caller]
pub(crate) fn assert_same(one: &Answer, other: &Answer) {
    assert_eq!(stable_parts(one), stable_parts(other), "\n{one}\n\n{other}");
}

/// The status, headers and body that indistinguishable responses share.
pub(crate) fn stable_parts(answer: &Answer) -> (u16, Vec<(String, Vec<u8>)>, String) {
    // `Connection` is hop-by-hop (RFC 9110, section 7.6.1): it depends on how much of a rejected
    // request had arrived.
    const VARYING: [&str; 3] = ["date", "x-request-id", "connection"];
    let headers = answer.headers.iter();
    let mut headers: Vec<_> = headers
        .filter(|(name, _)| !VARYING.contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.stable_body())
}

/// Asserts the form that every error under `/api` has.
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
    // The response to a HEAD has no body.
    if answer.body.is_empty() {
        return;
    }
    let problem = answer.json();
    assert_eq!(problem["request_id"], id, "{answer}");
    assert_eq!(problem["status"], answer.status, "{answer}");
    for member in ["type", "title", "detail", "code"] {
        let text = problem[member].as_str();
        assert!(text.is_some_and(|text| !text.is_empty()), "{answer}");
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
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("{value} is not a string"))
        .to_owned()
}
