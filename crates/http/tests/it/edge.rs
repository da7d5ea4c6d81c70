//! The outermost layer.

use std::sync::{Arc, Mutex};

use actix_web::{
    App, HttpMessage as _, HttpRequest, HttpResponse,
    cookie::Cookie,
    error::{ErrorBadGateway, ErrorInternalServerError},
    http::{StatusCode, header},
    middleware::from_fn,
    test::{TestRequest, init_service, read_body, try_call_service},
    web,
};
use tenantry_core::{
    clock::{Clock, SystemClock},
    id::canonical_uuid,
    runtime::{Entropy, Runtime},
};
use tenantry_http::{Access, RenderedPage, RequestId, Routes, edge};

use crate::support::{Undocumented, send};

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

async fn show_id(Undocumented(request): Undocumented<HttpRequest>) -> String {
    let id = request
        .extensions()
        .get()
        .map(|RequestId(id)| id.to_string());
    id.unwrap_or_default()
}

#[actix_web::test]
async fn every_answer_carries_the_id_of_its_request_and_not_the_clients() {
    let routes = Routes::new().get("/id", Access::anyone(), show_id);
    let chosen = "01890000-0000-7000-8000-000000000001";
    let answer = send(&routes, get("/id").insert_header(("x-request-id", chosen))).await;
    assert_ne!(answer.text, chosen);
    assert_eq!(answer.text, answer.header("x-request-id"));
    let id = canonical_uuid(&answer.text).expect("a UUID");
    assert_eq!(id.get_version_num(), 7);
    let next = send(&routes, get("/id")).await;
    assert_ne!(answer.text, next.text);
}

/// Always the same byte.
struct Constant;

impl Entropy for Constant {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0xab);
    }
}

#[actix_web::test]
async fn ids_come_from_the_applications_sources() {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let runtime = Runtime::new(clock, Arc::new(Constant));
    let app = App::new()
        .app_data(web::Data::new(runtime))
        .wrap(from_fn(edge::middleware));
    let response = try_call_service(&init_service(app).await, get("/").to_request()).await;
    let response = response.expect("an answer");
    let id = response.headers().get("x-request-id").expect("an id");
    assert!(id.as_bytes().ends_with(b"abababababab"), "{id:?}");
}

#[actix_web::test]
async fn a_page_with_a_mistake_keeps_its_body() {
    let page = || async {
        let mut page = HttpResponse::UnprocessableEntity().body("the form");
        page.extensions_mut().insert(RenderedPage);
        page
    };
    let app = App::new()
        .wrap(from_fn(edge::middleware))
        .route("/form", web::get().to(page));
    let response = try_call_service(&init_service(app).await, get("/form").to_request()).await;
    let response = response.expect("an answer");
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(response.headers().contains_key("x-request-id"));
    assert_eq!(read_body(response).await, "the form");
}

#[actix_web::test]
async fn answers_under_api_are_never_stored() {
    let routes = Routes::new().get("/api/id", Access::anyone(), show_id).get(
        "/apiary",
        Access::anyone(),
        show_id,
    );
    for path in [
        "/api/id",
        "/api/unknown",
        "/api",
        "/%61pi/id",
        "/api/id?%zz",
    ] {
        let answer = send(&routes, get(path)).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        let vary = "Cookie, Authorization, X-Organization-Slug";
        assert_eq!(answer.header("vary"), vary, "{path}");
    }
    for path in ["/health/x", "/%68ealth/x"] {
        let answer = send(&routes, get(path)).await;
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("vary"), "", "{path}");
    }
    for path in ["/apiary", "/"] {
        let answer = send(&routes, get(path)).await;
        assert_eq!(answer.header("cache-control"), "", "{path}");
    }
}

#[actix_web::test]
async fn a_refusal_of_any_origin_becomes_a_problem() {
    for (status, code) in [
        (400, "bad_request"),
        (401, "not_authenticated"),
        (403, "forbidden"),
        (404, "not_found"),
        (405, "method_not_allowed"),
        (413, "payload_too_large"),
        (415, "unsupported_media_type"),
        (418, "bad_request"),
        (429, "too_many_requests"),
        (500, "internal_error"),
        (503, "unavailable"),
    ] {
        let routes = Routes::new().get("/api/x", Access::anyone(), move || async move {
            let status = StatusCode::from_u16(status).expect("in range");
            Undocumented(HttpResponse::build(status).body("Content type error: serde says hello"))
        });
        let answer = send(&routes, get("/api/x")).await;
        assert_eq!(answer.code(), (status, code.into()));
        assert!(!answer.text.contains("serde"), "{}", answer.text);
    }
}

#[actix_web::test]
async fn no_gateway_errors_leave_us() {
    let routes = Routes::new().get("/api/x", Access::anyone(), async || {
        Undocumented(Err::<HttpResponse, _>(ErrorBadGateway(
            "upstream.internal:5432",
        )))
    });
    let answer = send(&routes, get("/api/x")).await;
    assert_eq!(answer.code(), (500, "internal_error".into()));
    assert!(!answer.text.contains("upstream"));
}

#[actix_web::test]
async fn a_refusal_keeps_the_headers_that_inner_layers_gave_it() {
    let routes = Routes::new().get("/api/x", Access::anyone(), async || {
        Undocumented(
            HttpResponse::Unauthorized()
                .cookie(Cookie::new("one", "1"))
                .cookie(Cookie::new("two", "2"))
                .insert_header((header::CONTENT_ENCODING, "gzip"))
                .body("not really"),
        )
    });
    let answer = send(&routes, get("/api/x")).await;
    assert_eq!(answer.code().0, 401);
    assert_eq!(answer.headers.get_all(header::SET_COOKIE).count(), 2);
    assert_eq!(answer.header("content-encoding"), "");
}

#[actix_web::test]
async fn a_response_that_is_no_error_is_not_changed() {
    let routes = Routes::new().get("/x", Access::anyone(), async || {
        Undocumented(
            HttpResponse::SeeOther()
                .insert_header((header::LOCATION, "/y"))
                .body("there"),
        )
    });
    let answer = send(&routes, get("/x")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.text.as_str()),
        (303, "there")
    );
}

#[actix_web::test]
async fn a_middleware_that_fails_is_answered_as_a_problem() {
    let app = App::new()
        .wrap(from_fn(
            async |_: actix_web::dev::ServiceRequest,
                   _: actix_web::middleware::Next<actix_web::body::BoxBody>| {
                Err::<actix_web::dev::ServiceResponse, _>(ErrorInternalServerError("pool is dry"))
            },
        ))
        .wrap(from_fn(edge::middleware));
    let result = try_call_service(&init_service(app).await, get("/api/x").to_request()).await;
    let response = result.expect_err("answered as an error").error_response();
    assert_eq!(response.status(), 500);
    assert!(response.headers().contains_key("x-request-id"));
    assert_eq!(
        response.headers().get("cache-control").expect("set"),
        "no-store"
    );
    let body = actix_web::body::to_bytes(response.into_body())
        .await
        .expect("a body");
    let problem: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(problem["code"], "internal_error");
    assert!(problem["request_id"].is_string());
}

#[actix_web::test]
async fn a_panic_is_answered_as_a_problem_and_the_next_request_is_served() {
    let calls = Arc::new(Mutex::new(0));
    let routes = Routes::new().get("/api/x", Access::anyone(), move || {
        let calls = Arc::clone(&calls);
        async move {
            let call = {
                let mut calls = calls.lock().expect("not poisoned");
                *calls += 1;
                *calls
            };
            assert!(call > 1, "the secret of the first call");
            "served"
        }
    });
    let answer = send(&routes, get("/api/x")).await;
    assert_eq!(answer.code(), (500, "internal_error".into()));
    assert!(!answer.text.contains("secret"));
    assert_eq!(send(&routes, get("/api/x")).await.text, "served");
}
