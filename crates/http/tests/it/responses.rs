//! Responses that wait for their clients count in shares.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use actix_web::{
    test::{TestRequest, call_service, init_service, read_body, read_body_json},
    web::Bytes,
};
use tenantry_core::{
    access::{Caller, TenantContext},
    id::Uuid,
    input::Json,
};
use tenantry_http::{Access, Authorized, EdgeConfig, ResponseLimits, ResponseShares, Routes};

use crate::authorize::{ID, View, configured, get, signed_in, status};

const LARGE: usize = 100_000;

fn rules(limits: ResponseLimits) -> EdgeConfig {
    EdgeConfig {
        responses: ResponseShares::new(limits),
        ..EdgeConfig::default()
    }
}

/// Two large responses of an organization and two of a caller may wait.
const TWO: ResponseLimits = ResponseLimits {
    process: 100 * LARGE,
    organization: 2 * LARGE,
    caller: 2 * LARGE,
};

/// Routes with large responses, and how often their handlers ran.
fn routes() -> (Routes, Arc<AtomicUsize>) {
    let runs = Arc::new(AtomicUsize::new(0));
    let run = Arc::clone(&runs);
    let large = move |_: Authorized<TenantContext>| {
        run.fetch_add(1, Ordering::Relaxed);
        async { "x".repeat(LARGE) }
    };
    let access = Access::path_organization::<View>();
    let routes = Routes::new()
        .get("/api/large/{organization_id}", access, large.clone())
        .post("/api/large/{organization_id}", access, large)
        .get(
            "/api/mine",
            Access::user(),
            async |_: Authorized<Caller>| "x".repeat(LARGE),
        )
        .get(
            "/api/small",
            Access::user(),
            async |_: Authorized<Caller>| "small",
        );
    (routes, runs)
}

fn large(organization: &str) -> TestRequest {
    signed_in(get(&format!("/api/large/{organization}")))
}

fn other(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

#[actix_web::test]
async fn responses_beyond_the_share_of_a_caller_are_refused_before_their_work() {
    let (routes, runs) = routes();
    let app = init_service(configured(routes, rules(TWO)).await).await;
    // In two organizations: the share is the caller's.
    let first = call_service(&app, large(ID).to_request()).await;
    let second = call_service(&app, large(&other(7)).to_request()).await;
    assert_eq!(
        (first.status().as_u16(), second.status().as_u16()),
        (200, 200)
    );
    for request in [large(&other(8)), signed_in(get("/api/mine"))] {
        assert_eq!(status(&app, request.to_request()).await, 429);
    }
    assert_eq!(runs.load(Ordering::Relaxed), 2);
    assert_eq!(read_body(first).await.len(), LARGE);
    let small = signed_in(get("/api/small")).to_request();
    assert_eq!(status(&app, small).await, 200, "half of the share is free");
    let third = call_service(&app, signed_in(get("/api/mine")).to_request()).await;
    assert_eq!(read_body(third).await.len(), LARGE);
    drop(second);
    let again = call_service(&app, large(ID).to_request()).await;
    assert_eq!(read_body(again).await.len(), LARGE);
}

#[actix_web::test]
async fn a_read_that_no_share_holds_is_refused_and_keeps_nothing() {
    let (routes, _) = routes();
    let none = ResponseLimits {
        process: LARGE - 1,
        ..TWO
    };
    let app = init_service(configured(routes, rules(none)).await).await;
    for _ in 0..5 {
        let answer = call_service(&app, large(ID).to_request()).await;
        assert_eq!(answer.status().as_u16(), 503);
        let problem: Json = read_body_json(answer).await;
        assert_eq!(problem["code"], "overloaded");
    }
    let small = signed_in(get("/api/small")).to_request();
    assert_eq!(status(&app, small).await, 200);
}

/// `overloaded` and `rate_limited` say that nothing was changed.
#[actix_web::test]
async fn a_write_whose_response_no_share_holds_says_that_it_may_be_done() {
    let (routes, runs) = routes();
    let none = ResponseLimits {
        caller: LARGE - 1,
        ..TWO
    };
    let app = init_service(configured(routes, rules(none)).await).await;
    let path = format!("/api/large/{ID}");
    let write = signed_in(TestRequest::post().uri(&path)).set_payload(Bytes::new());
    let answer = call_service(&app, write.to_request()).await;
    assert_eq!(answer.status().as_u16(), 503);
    let problem: Json = read_body_json(answer).await;
    assert_eq!(problem["code"], "unavailable");
    assert_eq!(runs.load(Ordering::Relaxed), 1);
}
