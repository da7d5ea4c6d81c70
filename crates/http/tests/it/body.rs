//! JSON bodies.

use actix_web::{http::header, test::TestRequest};
use tenantry_core::{
    access::Role,
    id::UserId,
    value::{Description, Name, Slug},
};
use tenantry_http::{Access, Body, Routes};

use crate::support::{Answer, send};

tenantry_core::request! {
    /// A request with a field of every sort.
    struct Everything {
        name: Name,
        description: Option<Description>,
        slug: Option<Slug>,
        role: Option<Role>,
        ids: Option<Vec<UserId>>,
        flag: Option<bool>,
        count: Option<u32>,
        r#type: Option<String>,
        limits: Option<Limits>,
    }
}

tenantry_core::request! {
    struct Limits { seats: u32, projects: Option<u32> }
}

async fn echo(Body(request): Body<Everything>) -> String {
    format!("{request:?}")
}

fn routes() -> Routes {
    Routes::new().post("/api/things", Access::anyone(), echo)
}

fn post() -> TestRequest {
    TestRequest::post().uri("/api/things")
}

async fn send_json(body: impl Into<Vec<u8>>) -> Answer {
    let request = post().insert_header((header::CONTENT_TYPE, "application/json"));
    send(&routes(), request.set_payload(body.into())).await
}

#[actix_web::test]
async fn a_valid_body_arrives_as_values() {
    let body = r#"{"name":" x ","description":null,"slug":"acme","role":"admin","flag":true,
        "count":7,"type":"t","ids":["01890000-0000-7000-8000-000000000001"],
        "limits":{"seats":3}}"#;
    let answer = send_json(body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for part in [
        r#"name: Name("x")"#,
        "description: None",
        "Some(Admin)",
        "count: Some(7)",
        r#"type: Some("t")"#,
        "Limits { seats: 3, projects: None }",
    ] {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
}

#[actix_web::test]
async fn every_wrong_field_is_named_in_one_answer() {
    let body = r#"{"description":7,"slug":"-","role":"king","ids":["x",1],"flag":"true",
        "count":-1,"limits":{"projects":1.5}}"#;
    let answer = send_json(body).await;
    let (status, code, mut pointers) = answer.problem();
    assert_eq!((status, code.as_str()), (422, "validation_failed"));
    pointers.sort();
    let expected = [
        "/count",
        "/description",
        "/flag",
        "/ids/0",
        "/ids/1",
        "/limits/projects",
        "/limits/seats",
        "/name",
        "/role",
        "/slug",
    ];
    assert_eq!(pointers, expected);
    let errors = answer.json()["errors"].clone();
    let missing = errors.as_array().expect("a list").iter();
    let missing: Vec<_> = missing
        .filter(|error| error["pointer"] == "/name")
        .collect();
    assert_eq!(missing[0]["message"], "is required");
}

#[actix_web::test]
async fn null_is_no_value_for_a_required_field() {
    let (status, _, pointers) = send_json(r#"{"name":null}"#).await.problem();
    assert_eq!((status, pointers), (422, vec!["/name".to_owned()]));
}

#[actix_web::test]
async fn an_unknown_field_is_refused_wherever_it_is() {
    for (body, pointer) in [
        (r#"{"name":"x","organization_id":1}"#, "/organization_id"),
        (r#"{"Name":"x"}"#, "/Name"),
        (r#"{"name":"x","a/b~":1}"#, "/a~1b~0"),
        (
            r#"{"name":"x","limits":{"seats":1,"more":1}}"#,
            "/limits/more",
        ),
    ] {
        let (status, code, pointers) = send_json(body).await.problem();
        assert_eq!((status, code.as_str()), (400, "unknown_field"), "{body}");
        assert_eq!(pointers, [pointer]);
    }
}

#[actix_web::test]
async fn what_is_not_clean_json_is_refused_without_a_word_of_the_parser() {
    let bodies: [&[u8]; 7] = [
        b"",
        b"{",
        b"{\"name\":\"x\",\"name\":\"x\"}",
        b"{\"name\":\"x\",\"limits\":{\"seats\":1,\"seats\":1}}",
        b"{\"name\":\"x\",\"description\":\"\\u0000\"}",
        b"{\"x\\u0000\":1}",
        b"{\"name\":\"\xff\"}",
    ];
    for body in bodies {
        let answer = send_json(body).await;
        assert_eq!(answer.code(), (400, "malformed_json".into()));
        for word in ["line", "column", "expected", "EOF"] {
            assert!(!answer.text.contains(word), "{}", answer.text);
        }
    }
}

#[actix_web::test]
async fn a_body_that_is_no_object_is_not_valid() {
    for body in ["[]", "null", "1", "\"name\""] {
        let (status, code, pointers) = send_json(body).await.problem();
        assert_eq!(
            (status, code.as_str()),
            (422, "validation_failed"),
            "{body}"
        );
        assert_eq!(pointers, [""]);
    }
}

#[actix_web::test]
async fn only_plain_json_is_a_media_type_for_us() {
    let body = r#"{"name":"x"}"#;
    for good in ["application/json", "Application/JSON ; charset=utf-8"] {
        let request = post().insert_header((header::CONTENT_TYPE, good));
        let answer = send(&routes(), request.set_payload(body)).await;
        assert_eq!(answer.status, 200, "{good}");
    }
    let json = || post().insert_header((header::CONTENT_TYPE, "application/json"));
    for request in [
        post(),
        post().insert_header((header::CONTENT_TYPE, "text/plain")),
        post().insert_header((header::CONTENT_TYPE, "application/jsonx")),
        post().insert_header((header::CONTENT_TYPE, "application/x-www-form-urlencoded")),
        json().insert_header((header::CONTENT_ENCODING, "gzip")),
    ] {
        let answer = send(&routes(), request.set_payload(body)).await;
        assert_eq!(answer.code(), (415, "unsupported_media_type".into()));
    }
}

#[actix_web::test]
async fn a_body_beyond_the_limit_is_refused() {
    let padded = |length: usize| {
        let body = r#"{"name":"x"}"#;
        format!("{body}{}", " ".repeat(length - body.len()))
    };
    assert_eq!(send_json(padded(65_536)).await.status, 200);
    let answer = send_json(padded(65_537)).await;
    assert_eq!(answer.code(), (413, "payload_too_large".into()));
}

#[actix_web::test]
async fn an_announced_length_beyond_the_limit_is_enough_to_refuse() {
    let request = post()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload(r#"{"name":"x"}"#)
        .insert_header((header::CONTENT_LENGTH, "65537"));
    let answer = send(&routes(), request).await;
    assert_eq!(answer.code(), (413, "payload_too_large".into()));
}

#[actix_web::test]
async fn a_flood_of_errors_is_cut_short() {
    let ids = vec!["1"; 20_000].join(",");
    let answer = send_json(format!(r#"{{"name":"x","ids":[{ids}]}}"#)).await;
    assert_eq!(answer.problem().2.len(), 50);
}
