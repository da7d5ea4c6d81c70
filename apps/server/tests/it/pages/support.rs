//! Forms and pages.

use serde_json::Value;
use tenantry_testkit::{Answer, ApiClient};

/// Sends a form, as a browser does.
pub(super) async fn submit(client: &ApiClient, path: &str, fields: &[(&str, &str)]) -> Answer {
    let fields = fields.iter();
    let fields = fields.map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
    let form = Value::Object(fields.collect());
    client.raw("POST", path).form(&form).send().await
}

/// The text of a page.
#[track_caller]
pub(super) fn html(answer: Answer, status: u16) -> String {
    let answer = answer.expect(status);
    let declared = answer.header("content-type");
    assert_eq!(declared, Some("text/html; charset=utf-8"), "{answer}");
    String::from_utf8(answer.body).expect("text")
}

/// A page that the client opens.
pub(super) async fn open(client: &ApiClient, path: &str) -> String {
    html(client.get(path).send().await, 200)
}

/// Where a form leads after success.
#[track_caller]
pub(super) fn leads_to(answer: Answer) -> String {
    let answer = answer.expect(303);
    answer.header("location").expect("an address").to_owned()
}

/// Asserts that a page holds all of these texts.
#[track_caller]
pub(super) fn shows(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "no {text} in {page}");
    }
}

/// Asserts that a page holds none of these texts.
#[track_caller]
pub(super) fn hides(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(!page.contains(text), "{text} in {page}");
    }
}

/// The value of the first field of that id or name.
#[track_caller]
pub(super) fn value(page: &str, field: &str) -> String {
    let start = page.find(&format!("\"{field}\""));
    let start = start.unwrap_or_else(|| panic!("no {field} in {page}"));
    let (_, rest) = page[start..].split_once("value=\"").expect("a value");
    rest.split('"').next().unwrap_or_default().to_owned()
}
