//! Query strings.

use actix_web::test::TestRequest;
use tenantry_core::{access::Role, clock::Timestamp};
use tenantry_http::{Access, Query, Routes};

use crate::support::{Answer, send};

tenantry_core::request! {
    struct Filter {
        q: Option<String>,
        limit: Option<u32>,
        is_active: Option<bool>,
        role: Option<Role>,
        from: Option<Timestamp>,
    }
}

async fn echo(Query(filter): Query<Filter>) -> String {
    format!("{filter:?}")
}

async fn get(query: &str) -> Answer {
    let routes = Routes::new().list("/api/things", Access::anyone(), echo);
    let uri = format!("/api/things{query}");
    send(&routes, TestRequest::get().uri(&uri)).await
}

#[actix_web::test]
async fn parameters_arrive_as_values() {
    let answer =
        get("?q=a+%C3%A9&limit=7&is_active=false&role=owner&from=2026-01-31T13:00:00%2B01:00")
            .await;
    assert_eq!(
        answer.text,
        "Filter { q: Some(\"a é\"), limit: Some(7), is_active: Some(false), \
         role: Some(Owner), from: Some(2026-01-31T12:00:00Z) }"
    );
}

#[actix_web::test]
async fn no_parameters_are_fine() {
    for empty in ["", "?", "?&"] {
        assert_eq!(get(empty).await.status, 200, "{empty}");
    }
}

#[actix_web::test]
async fn every_wrong_parameter_is_named_in_one_answer() {
    let (status, code, pointers) = get("?limit=x&is_active=1&role=king&from=today")
        .await
        .problem();
    assert_eq!((status, code.as_str()), (422, "validation_failed"));
    assert_eq!(pointers, ["/limit", "/is_active", "/role", "/from"]);
    for limit in ["", "+7", "07", "-1", "4294967296", "1.0", "7%20"] {
        let (status, _, pointers) = get(&format!("?limit={limit}")).await.problem();
        assert_eq!(
            (status, pointers),
            (422, vec!["/limit".to_owned()]),
            "{limit}"
        );
    }
}

#[actix_web::test]
async fn unknown_repeated_and_broken_parameters_are_refused() {
    for (query, expected) in [
        ("?organization_id=1", "unknown_parameter"),
        ("?limit=1&%6cimi=1", "unknown_parameter"),
        ("?limit=1&limit=1", "repeated_parameter"),
        ("?limit=1&%6cimit=2", "repeated_parameter"),
        ("?q=%zz", "malformed_query"),
        ("?q=%", "malformed_query"),
        ("?q=%ff", "malformed_query"),
        ("?q=%00", "malformed_query"),
    ] {
        assert_eq!(get(query).await.code(), (400, expected.into()), "{query}");
    }
}
