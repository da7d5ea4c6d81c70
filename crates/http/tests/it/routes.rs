//! Route tables.

use actix_web::{http::Method, test::TestRequest};
use tenantry_core::access::{SessionCaller, TenantContext};
use tenantry_http::{Access, Authorized, Routes};

use crate::support::send;

tenantry_core::permission!(
    /// Reading.
    View = "things.view", Viewer
);

async fn fixed() -> &'static str {
    "fixed"
}

async fn any() -> &'static str {
    "any"
}

fn request(method: Method, path: &str) -> TestRequest {
    TestRequest::default().method(method).uri(path)
}

/// Two modules with routes of one path, the parameter first.
fn routes() -> Routes {
    let one = Routes::new()
        .get("/api/things/{id}", Access::anyone(), any)
        .post("/api/things", Access::anyone(), any);
    let other = Routes::new()
        .get("/api/things/current", Access::anyone(), fixed)
        .delete("/api/things/{id}", Access::anyone(), any);
    one.merge(other)
}

#[actix_web::test]
async fn a_path_answers_with_and_without_a_trailing_slash() {
    for path in ["/api/things/7", "/api/things/7/"] {
        let answer = send(&routes(), request(Method::GET, path)).await;
        assert_eq!(answer.text, "any", "{path}");
    }
    let answer = send(&routes(), request(Method::GET, "/api/things/7//")).await;
    assert_eq!(answer.status, 404);
}

#[actix_web::test]
async fn a_segment_that_is_spelled_out_goes_before_a_parameter() {
    let answer = send(&routes(), request(Method::GET, "/api/things/current")).await;
    assert_eq!(answer.text, "fixed");
}

#[actix_web::test]
async fn get_answers_head_as_well() {
    let answer = send(&routes(), request(Method::HEAD, "/api/things/7")).await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn another_method_is_405_and_learns_the_right_ones() {
    for (method, path, allow) in [
        (Method::PATCH, "/api/things/7", "DELETE, GET, HEAD"),
        (Method::OPTIONS, "/api/things/7/", "DELETE, GET, HEAD"),
        (Method::HEAD, "/api/things", "POST"),
    ] {
        let answer = send(&routes(), request(method, path)).await;
        assert_eq!(answer.code(), (405, "method_not_allowed".into()));
        assert_eq!(answer.header("allow"), allow);
    }
}

#[actix_web::test]
async fn a_path_of_no_route_is_404() {
    for path in [
        "/",
        "/api",
        "/api/other",
        "/API/things",
        "/api/things/7/8",
        "//api/things",
    ] {
        let answer = send(&routes(), request(Method::GET, path)).await;
        assert_eq!(answer.code(), (404, "not_found".into()), "{path}");
    }
}

#[test]
fn the_table_lists_every_route_and_who_may_call_it() {
    let routes = routes()
        .get("/api/me", Access::user().session_only(), any)
        .get(
            "/api/o/{organization_id}",
            Access::path_organization::<View>(),
            any,
        );
    let lines = routes.infos().into_iter();
    let lines: Vec<_> = lines
        .map(|route| format!("{} {} {}", route.method, route.path, route.access))
        .collect();
    assert_eq!(
        lines,
        [
            "GET /api/me user, by session only",
            "GET /api/o/{organization_id} viewer: things.view",
            "POST /api/things anyone",
            "GET /api/things/current anyone",
            "DELETE /api/things/{id} anyone",
            "GET /api/things/{id} anyone",
        ]
    );
}

#[test]
#[should_panic(expected = "/api/things/{id} has two GET routes")]
fn a_route_can_not_be_registered_twice() {
    let _ = routes().merge(routes());
}

#[test]
#[should_panic(expected = "two names for one path")]
fn a_parameter_has_one_name_in_all_modules() {
    let _ = routes().patch("/api/things/{thing_id}", Access::anyone(), any);
}

#[test]
#[should_panic(expected = "go together")]
fn an_organization_in_the_path_is_never_ignored() {
    let _ = Routes::new().get("/api/o/{organization_id}", Access::tenant::<View>(), any);
}

async fn of_tenant(_: Authorized<TenantContext>) -> &'static str {
    "of an organization"
}

async fn of_session(_: Authorized<SessionCaller>) -> &'static str {
    "of a session"
}

#[test]
#[should_panic(expected = "TenantContext, which the route's access does not establish")]
fn a_handler_can_not_take_a_context_that_its_access_does_not_establish() {
    let _ = Routes::new().get("/api/things", Access::user(), of_tenant);
}

#[test]
#[should_panic(expected = "SessionCaller, which the route's access does not establish")]
fn a_handler_of_a_page_can_not_take_a_session_that_a_token_stands_for() {
    let _ = Routes::new().page("/things", Access::user(), of_session);
}

#[test]
fn a_handler_takes_what_its_access_establishes() {
    let _ = Routes::new()
        .get("/api/things", Access::tenant::<View>(), of_tenant)
        .page("/things", Access::user().session_only(), of_session);
}
