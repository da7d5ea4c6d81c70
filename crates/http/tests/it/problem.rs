//! Domain errors as problems.

use actix_web::{
    http::{StatusCode, header},
    test::TestRequest,
};
use serde_json::json;
use tenantry_core::{
    error::{DomainError, ErrorKind},
    id::UserId,
};
use tenantry_http::{Access, ETag, IfMatch, NoContent, PathId, Problem, Routes, Versioned};

use crate::support::send;

#[derive(Debug, thiserror::Error)]
#[error("SELECT secret FROM vault")]
struct Plain(ErrorKind);

impl DomainError for Plain {
    fn kind(&self) -> ErrorKind {
        self.0
    }

    fn code(&self) -> &'static str {
        "plain"
    }
}

#[test]
fn every_kind_has_its_status() {
    for (kind, status) in [
        (ErrorKind::Malformed, 400),
        (ErrorKind::Unauthenticated, 401),
        (ErrorKind::Forbidden, 403),
        (ErrorKind::NotFound, 404),
        (ErrorKind::Conflict, 409),
        (ErrorKind::Gone, 410),
        (ErrorKind::PreconditionFailed, 412),
        (ErrorKind::Invalid, 422),
        (ErrorKind::TooMany, 429),
        (ErrorKind::Unavailable, 503),
        (ErrorKind::Internal, 500),
    ] {
        let answer = Problem::from(Plain(kind)).respond(None);
        assert_eq!(answer.status().as_u16(), status);
        let has = |name| answer.headers().contains_key(name);
        assert_eq!(has(header::WWW_AUTHENTICATE), status == 401, "{status}");
        assert_eq!(
            has(header::RETRY_AFTER),
            [429, 503].contains(&status),
            "{status}"
        );
    }
}

#[actix_web::test]
async fn our_own_failures_are_shown_without_detail() {
    for kind in [ErrorKind::Internal, ErrorKind::Unavailable] {
        let routes = Routes::new().get("/api/things", Access::anyone(), move || async move {
            Err::<NoContent, Problem>(Plain(kind).into())
        });
        let answer = send(&routes, TestRequest::get().uri("/api/things")).await;
        assert_eq!(answer.code().1, "plain");
        assert!(!answer.text.contains("SELECT"), "{}", answer.text);
    }
}

#[actix_web::test]
async fn a_problem_has_the_members_of_the_standard_and_its_own() {
    let routes = Routes::new().get("/api/things", Access::anyone(), async || {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "not yet")
            .with_member("reasons", json!(["migrations are pending"]))
            .with_header(header::RETRY_AFTER, header::HeaderValue::from_static("30"));
        Err::<NoContent, _>(problem)
    });
    let answer = send(&routes, TestRequest::get().uri("/api/things")).await;
    assert_eq!(answer.header("retry-after"), "30");
    let expected = json!({
        "type": "urn:tenantry:problem:not_ready",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "not yet",
        "code": "not_ready",
        "request_id": answer.header("x-request-id"),
        "reasons": ["migrations are pending"],
    });
    assert_eq!(answer.json(), expected);
}

async fn find(path: PathId<UserId>) -> Result<NoContent, Problem> {
    path.or(Plain(ErrorKind::NotFound))?;
    Err(Plain(ErrorKind::NotFound).into())
}

#[actix_web::test]
async fn what_can_not_be_an_id_is_answered_byte_for_byte_like_an_unknown_id() {
    let routes = Routes::new().get("/api/things/{id}", Access::anyone(), find);
    let mut answers = Vec::new();
    for id in [
        "01890000-0000-7000-8000-00000000000a",
        "01890000-0000-7000-8000-00000000000A",
        "018900000000700080000000000000aa",
        "x",
        "%00",
        "..%2f..",
    ] {
        let path = format!("/api/things/{id}");
        let answer = send(&routes, TestRequest::get().uri(&path)).await;
        assert_eq!(answer.status, 404, "{id}");
        let text = answer.text.replace(answer.header("x-request-id"), "");
        let headers = answer
            .headers
            .iter()
            .filter(|(name, _)| *name != "x-request-id");
        let mut headers: Vec<_> = headers.map(|header| format!("{header:?}")).collect();
        headers.sort();
        answers.push((text, headers));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

async fn write(condition: IfMatch) -> Result<Versioned<&'static str>, Problem> {
    if condition.check(7) {
        Ok(Versioned(ETag(8), "written"))
    } else {
        Err(Plain(ErrorKind::PreconditionFailed).into())
    }
}

#[actix_web::test]
async fn a_write_can_name_the_version_it_means() {
    let routes = Routes::new().patch("/api/things", Access::anyone(), write);
    let patch = || TestRequest::patch().uri("/api/things");
    let answer = send(&routes, patch()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("etag")),
        (200, "\"8\"")
    );
    for (tags, status) in [
        ("*", 200),
        ("\"6\", \"7\"", 200),
        ("W/\"7\"", 412),
        ("7", 400),
    ] {
        let answer = send(&routes, patch().insert_header((header::IF_MATCH, tags))).await;
        assert_eq!(answer.status.as_u16(), status, "{tags}");
    }
    let twice = patch()
        .append_header((header::IF_MATCH, "\"7\""))
        .append_header((header::IF_MATCH, "\"7\""));
    let answer = send(&routes, twice).await;
    assert_eq!(answer.code(), (400, "invalid_if_match".into()));
}
