//! The reference of error codes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use actix_web::{ResponseError as _, http::StatusCode};
use serde_json::Value;
use tenantry::app;
use tenantry_http::Problem;

use super::{RENEW, compare};

type Statuses = BTreeMap<String, BTreeSet<u16>>;

/// The status of each code: of those that the OpenAPI document has at some route, and of those that
/// the HTTP layer gives to requests that reach no route.
fn statuses() -> Statuses {
    let mut statuses = Statuses::new();
    collect(&app::document(&app::routes()), &mut statuses);
    for status in [400, 401, 403, 404, 405, 408, 413, 415, 429, 500, 503] {
        let status = StatusCode::from_u16(status).expect("in range");
        let problem = Problem::from_status(status);
        let known = statuses.entry(problem.code().to_owned()).or_default();
        known.insert(problem.status_code().as_u16());
    }
    statuses
}

/// Finds the schemas of problems, wherever in the document they are.
fn collect(value: &Value, statuses: &mut Statuses) {
    match value {
        Value::Object(members) => {
            let status = members.get("status").and_then(|it| it["const"].as_u64());
            let codes = members.get("code").and_then(|it| it["enum"].as_array());
            if let (Some(status), Some(codes)) = (status, codes) {
                for code in codes.iter().filter_map(Value::as_str) {
                    let known = statuses.entry(code.to_owned()).or_default();
                    known.insert(u16::try_from(status).expect("a status"));
                }
            }
            members.values().for_each(|it| collect(it, statuses));
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, statuses)),
        _ => {}
    }
}

fn generated() -> String {
    let statuses = statuses();
    let rows = app::error_codes().into_iter().map(|row| {
        let status = statuses.get(row.code).and_then(BTreeSet::first);
        (status.copied().unwrap_or_default(), row)
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(status, row)| (*status, row.code));
    let mut text = format!(
        "# Error codes\n\n\
         For authors of clients, and for operators who read a client's report. Every error of the API is\n\
         a problem document (RFC 9457) with one of these codes; [the API guide](api.md#errors) shows one.\n\
         Branch on `code`, never on `detail`. Each code has one status.\n\n\
         Generated from `ERROR_CODES` of each crate; `{RENEW}` renews it.\n\n\
         | status | code | when | what to do |\n|---|---|---|---|\n"
    );
    for (status, row) in rows {
        let (code, when, remedy) = (row.code, row.when, row.remedy);
        writeln!(text, "| {status} | `{code}` | {when} | {remedy} |").expect("text grows");
    }
    text
}

#[test]
fn the_documented_error_codes_are_those_of_the_code() {
    compare("errors.md", &generated());
}

#[test]
fn every_error_code_has_one_row_and_one_status() {
    let rows: Vec<_> = app::error_codes().iter().map(|row| row.code).collect();
    let unique: BTreeSet<_> = rows.iter().copied().collect();
    assert_eq!(rows.len(), unique.len(), "a code has two rows: {rows:?}");
    let statuses = statuses();
    let known: BTreeSet<_> = statuses.keys().map(String::as_str).collect();
    let missing: Vec<_> = known.difference(&unique).collect();
    assert!(
        missing.is_empty(),
        "add a row to ERROR_CODES of the crate that answers with {missing:?}, then run\n{RENEW}"
    );
    let unused: Vec<_> = unique.difference(&known).collect();
    assert!(unused.is_empty(), "no route answers with {unused:?}");
    for (code, statuses) in &statuses {
        assert_eq!(statuses.len(), 1, "{code} has the statuses {statuses:?}");
    }
}
