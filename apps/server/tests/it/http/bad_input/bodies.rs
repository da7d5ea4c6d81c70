//! Bodies.

use serde_json::{Value, json};
use tenantry_testkit::each_database;

use super::requests::{Fixture, NEEDS_FACTOR, rejected};

const JSON: &str = "application/json";

/// Valid bodies, corrupted in ways that need no knowledge of the route: a description, the
/// expected status and the bytes.
fn corrupted(good: &Value) -> Vec<(&'static str, u16, Vec<u8>)> {
    let text = good.to_string();
    let inner = &text[1..text.len() - 1];
    let first = good.as_object().and_then(|fields| fields.keys().next());
    let first = first.expect("a field");
    let deep = "[".repeat(30_000) + &"]".repeat(30_000);
    let mut bodies: Vec<(&str, u16, Vec<u8>)> = vec![
        ("nothing", 400, vec![]),
        ("half", 400, text[..text.len() - 1].into()),
        ("more than one", 400, format!("{text}{text}").into()),
        ("trailing comma", 400, format!("{{{inner},}}").into()),
        ("a comment", 400, format!("{text}/**/").into()),
        ("single quotes", 400, text.replace('"', "'").into()),
        ("no text", 400, b"\xff\xfe\x00\x01".to_vec()),
        ("a byte order mark", 400, format!("\u{feff}{text}").into()),
        ("a form", 400, b"name=New&email=x".to_vec()),
        ("not a number", 400, b"{\"name\":NaN}".to_vec()),
        ("an endless number", 422, b"{\"name\":1e999}".to_vec()),
        (
            "an endless number inside",
            422,
            b"{\"name\":[{\"a\":-1E+400}]}".to_vec(),
        ),
        ("an endless number alone", 422, b"1e999".to_vec()),
        (
            "an endless number, unfinished",
            400,
            b"{\"name\":1e999".to_vec(),
        ),
        ("deep nesting", 400, deep.clone().into()),
        (
            "deep nesting inside",
            400,
            format!("{{\"{first}\":{deep}}}").into(),
        ),
        ("a list", 422, format!("[{text}]").into()),
        ("null", 422, b"null".to_vec()),
        ("a number", 422, b"7".to_vec()),
        ("a string", 422, b"\"name\"".to_vec()),
        (
            "an unknown field",
            400,
            format!("{{{inner},\"extra\":1}}").into(),
        ),
        (
            "a known field in capitals",
            400,
            format!("{{{inner},\"{}\":1}}", first.to_uppercase()).into(),
        ),
        (
            "the prototype",
            400,
            format!("{{{inner},\"__proto__\":{{}}}}").into(),
        ),
        ("an empty key", 400, format!("{{{inner},\"\":1}}").into()),
        (
            "a NUL key",
            400,
            format!("{{{inner},\"\\u0000\":1}}").into(),
        ),
        (
            "a duplicate key",
            400,
            format!("{{{inner},\"{first}\":{}}}", good[first]).into(),
        ),
        (
            "a megabyte",
            413,
            format!("{{{inner},\"x\":\"{}\"}}", "x".repeat(1 << 20)).into(),
        ),
    ];
    // In every field.
    for (field, value) in good.as_object().into_iter().flatten() {
        let with = |bad: &str| {
            let text = text.replace(
                &format!("\"{field}\":{value}"),
                &format!("\"{field}\":{bad}"),
            );
            assert!(text.contains(bad), "{text} has no {field}");
            text.into_bytes()
        };
        let mut broken = with("\"@\"");
        let position = broken
            .iter()
            .position(|byte| *byte == b'@')
            .expect("just inserted");
        let utf16 = with("\"\\ud800\"");
        if value.is_string() {
            bodies.push(("NUL", 400, with("\"a\\u0000b\"")));
            bodies.push((
                "a long text",
                422,
                with(&format!("\"{}\"", "x".repeat(10_001))),
            ));
        }
        // The value was replaced, so the placeholder is present.
        broken[position] = 0xff;
        bodies.push(("broken UTF-8", 400, broken.clone()));
        broken.splice(position..=position, *b"\xc0\xaf");
        bodies.push(("overlong UTF-8", 400, broken));
        bodies.push(("half a surrogate", 400, utf16));
        bodies.push((
            "a megabyte of text",
            413,
            with(&format!("\"{}\"", "x".repeat(1 << 20))),
        ));
        for wrong in [
            "true",
            "7",
            "-0.5",
            "{}",
            "{\"a\":1}",
            "[[]]",
            "[{}]",
            "123456789012345678901234567890",
        ] {
            let other: Value = serde_json::from_str(wrong).expect("JSON");
            let same_type = (value.is_object() && other.is_object())
                || (value.is_boolean() && other.is_boolean());
            if !same_type {
                bodies.push(("a wrong type", 422, with(wrong)));
            }
        }
    }
    bodies
}

each_database! {
    async fn an_invalid_body_is_rejected_and_writes_nothing(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let before = fixture.setup.tables().await;
        for (route, path, good) in fixture.bodies() {
            for (what, status, body) in corrupted(&good) {
                let call = fixture.call(&route, &path).header("content-type", JSON).body(body);
                let what = format!("{what} to {} {path}", route.method);
                rejected(call, status, &what).await;
            }
            fixture.setup.assert_unchanged(&before).await;
        }
    }

    async fn the_unmodified_bodies_are_valid(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        // In reverse, because a signup replaces the client's session.
        for (route, path, good) in fixture.bodies().into_iter().rev() {
            if NEEDS_FACTOR.contains(&route.path) {
                continue;
            }
            let call = fixture.call(&route, &path).json(good);
            let status = call.send().await.status;
            assert!((200..300).contains(&status), "{status} to {} {path}", route.method);
        }
    }

    async fn a_body_of_another_content_type_is_rejected(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let before = fixture.setup.tables().await;
        for (route, path, good) in fixture.bodies() {
            let text = good.to_string();
            let call = || fixture.call(&route, &path).body(text.clone());
            rejected(call(), 415, "no type").await;
            for other in [
                "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                "application/xml", "application/jsonp", "json", "", "application/json, text/plain",
                "application/problem+json", "*/*", "\u{fc}",
            ] {
                rejected(call().header("content-type", other), 415, other).await;
            }
            let twice = call().header("content-type", JSON).header("content-type", JSON);
            rejected(twice, 400, "two types").await;
            for encoding in ["gzip", "br", "deflate", "identity, gzip"] {
                let call = call().header("content-type", JSON);
                rejected(call.header("content-encoding", encoding), 415, encoding).await;
            }
        }
        fixture.setup.assert_unchanged(&before).await;
        // Parameters and case do not matter.
        for good in ["application/json; charset=utf-8", "Application/JSON"] {
            let call = fixture.ada.raw("PATCH", "/api/auth/me").body("{\"name\":\"ada\"}");
            call.header("content-type", good).send().await.expect(200);
        }
    }

    async fn a_body_larger_than_the_limit_is_rejected(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let sized = |size: usize| {
            let body = json!({"name": "Rocket"}).to_string();
            let padding = " ".repeat(size - body.len());
            let call = fixture.ada.raw("POST", "/api/projects").header("content-type", JSON);
            call.body(body + &padding)
        };
        sized(65_536).send().await.expect(201);
        let before = fixture.setup.tables().await;
        for size in [65_537, 200_000, 5_000_000] {
            let answer = rejected(sized(size), 413, "too large").await;
            assert_eq!(answer.problem_code(), "payload_too_large");
        }
        fixture.setup.assert_unchanged(&before).await;
    }
}
