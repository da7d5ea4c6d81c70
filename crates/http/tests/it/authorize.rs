//! Authorization of requests: the order of its checks, and what it requests of the resolver.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web::{
    App, Error,
    body::BoxBody,
    dev::{Payload, Service, ServiceFactory, ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::from_fn,
    test::{TestRequest, call_service, init_service, read_body, read_body_json},
    web::{self, Bytes},
};
use async_trait::async_trait;
use futures_util::stream;
use serde_json::Value;
use tokio::sync::Semaphore;

use tenantry_core::{
    access::{
        AccessError, Actor, AuthMethod, Caller, ContextIssuer, ContextRequest, ContextResolver,
        Credential, Permission, RequiredContext, ResolvedContext, Role, TenantContext,
    },
    db::{CursorKey, Database, DatabaseOptions},
    id::{OrganizationId, SessionId, UserId, Uuid},
    input::Json,
    runtime::Runtime,
};
use tenantry_http::{
    Access, Authorized, Body, ConcurrencyLimiter, ConcurrencyLimits, EdgeConfig, Routes,
    SessionCookieReader, edge,
};
use tenantry_testkit::RecordingBus;

pub(super) struct View;

impl Permission for View {
    const CODE: &'static str = "things.view";
    const MIN_ROLE: Role = Role::Viewer;
}

struct Manage;

impl Permission for Manage {
    const CODE: &'static str = "things.manage";
    const MIN_ROLE: Role = Role::Member;
}

tenantry_core::request! {
    struct Thing { name: String }
}

/// Only an opened database returns an issuer of contexts.
async fn issuer() -> ContextIssuer {
    let options = DatabaseOptions {
        url: "sqlite::memory:".to_owned(),
        connections: 1,
        acquire_timeout: Duration::from_secs(10),
        waits: tenantry_testkit::LONG_WAITS,
        cursor_key: CursorKey::derive(b"a key for tests"),
    };
    let bus = Arc::new(RecordingBus::default());
    let opened = Database::open(options, Runtime::system(), bus).await;
    opened.expect("a database in memory opens").issuer
}

/// Resolves every request to a viewer, and records the request.
struct ViewerOfEverything {
    issuer: ContextIssuer,
    received: Mutex<Vec<ContextRequest>>,
}

impl ViewerOfEverything {
    async fn new() -> Self {
        Self {
            issuer: issuer().await,
            received: Mutex::default(),
        }
    }
}

#[async_trait]
impl ContextResolver for ViewerOfEverything {
    async fn resolve(&self, request: ContextRequest) -> Result<ResolvedContext, AccessError> {
        let issuer = &self.issuer;
        let user = UserId::from(Uuid::from_u128(1));
        let organization = match request.wanted {
            RequiredContext::Caller | RequiredContext::Operator => None,
            RequiredContext::ActiveTenant => Some(OrganizationId::from(Uuid::from_u128(2))),
            RequiredContext::PathTenant(named) => {
                Some(named.ok_or(AccessError::OrganizationNotFound)?)
            }
        };
        let by = AuthMethod::Session(SessionId::from(Uuid::from_u128(3)));
        let caller = issuer.caller(user, by, request.request);
        let tenant =
            organization.map(|id| issuer.tenant(id, user, Role::Viewer, Actor::from(&caller)));
        self.received.lock().expect("not poisoned").push(request);
        Ok(ResolvedContext {
            caller,
            email_verified: true,
            tenant,
            operator: None,
        })
    }
}

/// Any text but `forged` is a valid key.
struct PlainCookies;

impl SessionCookieReader for PlainCookies {
    fn cookie_name(&self) -> &str {
        "__Host-session"
    }

    fn device_cookie_name(&self) -> &str {
        "device"
    }

    fn pending_login_cookie_name(&self) -> &str {
        "login"
    }

    fn session_key(&self, value: &str) -> Option<String> {
        (value != "forged").then(|| value.to_owned())
    }
}

async fn me(Authorized(caller): Authorized<Caller>) -> String {
    caller.user().to_string()
}

async fn show(
    Authorized(caller): Authorized<Caller>,
    Authorized(tenant): Authorized<TenantContext>,
) -> String {
    format!("{} {}", caller.user(), tenant.organization())
}

async fn make(Authorized(_): Authorized<TenantContext>, Body(thing): Body<Thing>) -> String {
    thing.name
}

async fn open() -> &'static str {
    "open"
}

fn routes() -> Routes {
    Routes::new()
        .get("/open", Access::anyone(), open)
        .get("/api/open", Access::anyone(), open)
        .get("/api/me", Access::user(), me)
        .post("/api/session", Access::user().session_only(), open)
        .get("/api/things", Access::tenant::<View>(), show)
        .post("/api/things", Access::tenant::<Manage>(), make)
        .get(
            "/api/o/{organization_id}",
            Access::path_organization::<View>(),
            show,
        )
}

/// The status, the code of the problem or the text, and what the resolver received.
async fn send(request: TestRequest) -> (StatusCode, String, Option<ContextRequest>) {
    let resolver = Arc::new(ViewerOfEverything::new().await);
    let app = init_service(
        App::new()
            .app_data(web::Data::<dyn ContextResolver>::from(
                Arc::clone(&resolver) as Arc<dyn ContextResolver>,
            ))
            .app_data(web::Data::<dyn SessionCookieReader>::from(
                Arc::new(PlainCookies) as Arc<dyn SessionCookieReader>,
            ))
            .configure(|app| routes().configure(app))
            .wrap(from_fn(edge::middleware)),
    )
    .await;
    let response = call_service(&app, request.to_request()).await;
    let status = response.status();
    let text = if status.is_success() {
        let body = actix_web::test::read_body(response).await;
        String::from_utf8(body.to_vec()).expect("text")
    } else {
        let problem: Json = read_body_json(response).await;
        problem["code"].as_str().expect("a code").to_owned()
    };
    let received = resolver.received.lock().expect("not poisoned").pop();
    (status, text, received)
}

async fn refusal(request: TestRequest) -> (u16, String) {
    let (status, code, _) = send(request).await;
    (status.as_u16(), code)
}

pub(super) fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

pub(super) fn signed_in(request: TestRequest) -> TestRequest {
    request.insert_header((header::COOKIE, "a=b; __Host-session=key"))
}

pub(super) const ID: &str = "01890000-0000-7000-8000-000000000009";

#[actix_web::test]
async fn a_request_without_credential_is_rejected_before_the_resolver_is_called() {
    let (status, code, received) = send(get("/api/me")).await;
    assert_eq!((status.as_u16(), code.as_str()), (401, "not_authenticated"));
    assert_eq!(received, None);
}

#[actix_web::test]
async fn the_resolver_gets_what_the_route_requires() {
    let (_, _, received) = send(signed_in(get("/api/me"))).await;
    let received = received.expect("a context request");
    assert_eq!(received.wanted, RequiredContext::Caller);
    assert_eq!(received.credential, Some(Credential::Session("key".into())));
    assert!(received.request.is_some());

    let named = signed_in(get("/api/things")).insert_header(("x-organization-slug", "acme"));
    let received = send(named).await.2.expect("a context request");
    assert_eq!(received.wanted, RequiredContext::ActiveTenant);
    assert_eq!(received.header, "acme".parse().ok());

    let received = send(signed_in(get(&format!("/api/o/{ID}/")))).await.2;
    assert_eq!(
        received.expect("a context request").wanted,
        RequiredContext::PathTenant(ID.parse().ok())
    );
}

#[actix_web::test]
async fn handlers_get_what_the_resolver_found() {
    let (status, text, _) = send(signed_in(get(&format!("/api/o/{ID}")))).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(text, format!("{} {ID}", Uuid::from_u128(1)));
}

#[actix_web::test]
async fn a_path_that_can_not_name_an_organization_is_answered_like_an_unknown_one() {
    for path in ["/api/o/none", "/api/o/%00", "/api/o/..%2fx"] {
        let answer = refusal(signed_in(get(path))).await;
        assert_eq!(answer, (404, "organization_not_found".into()), "{path}");
    }
}

#[actix_web::test]
async fn a_role_below_the_permission_is_refused_before_the_body_is_read() {
    let request = TestRequest::post().uri("/api/things").set_payload("{{{");
    let answer = refusal(signed_in(request)).await;
    assert_eq!(answer, (403, "permission_denied".into()));

    let request = TestRequest::post().uri("/api/things").set_payload("{{{");
    assert_eq!(refusal(request).await, (401, "not_authenticated".into()));
}

#[actix_web::test]
async fn a_token_is_refused_where_a_session_is_needed() {
    let by_token = TestRequest::post().insert_header((header::AUTHORIZATION, "Bearer x"));
    let (status, code, received) = send(by_token.uri("/api/session")).await;
    assert_eq!((status.as_u16(), code.as_str()), (403, "session_required"));
    assert!(received.is_some(), "a bad token must be a 401 first");

    let by_session = signed_in(TestRequest::post().uri("/api/session"));
    assert_eq!(send(by_session).await.0, StatusCode::OK);
}

#[actix_web::test]
async fn two_credentials_are_refused_on_every_api_route() {
    for path in ["/api/open", "/api/me", "/api/things"] {
        let request = signed_in(get(path)).insert_header((header::AUTHORIZATION, "Bearer x"));
        let answer = refusal(request).await;
        assert_eq!(answer, (400, "conflicting_credentials".into()), "{path}");
    }
}

#[actix_web::test]
async fn a_repeated_authorization_is_refused() {
    let request = get("/api/open")
        .append_header((header::AUTHORIZATION, "Bearer x"))
        .append_header((header::AUTHORIZATION, "Bearer x"));
    assert_eq!(refusal(request).await, (400, "repeated_header".into()));
}

#[actix_web::test]
async fn only_a_cookie_with_the_exact_name_is_a_session() {
    let forged = get("/api/me").insert_header((header::COOKIE, "__Host-session=forged"));
    let answer = refusal(forged).await;
    assert_eq!(answer, (401, "invalid_credential".into()));
    for cookie in [
        "%5F_Host-session=key",
        "__host-session=key",
        "__Host-session",
        "\u{2000}__Host-session=key",
    ] {
        let request = get("/api/me").insert_header((header::COOKIE, cookie.as_bytes()));
        let answer = refusal(request).await;
        assert_eq!(answer, (401, "not_authenticated".into()), "{cookie}");
        let request = get("/api/open").insert_header((header::COOKIE, cookie.as_bytes()));
        assert_eq!(send(request).await.0, StatusCode::OK, "{cookie}");
    }
}

#[actix_web::test]
async fn a_malformed_organization_header_is_refused_on_every_api_route() {
    let invalid: [&[u8]; 6] = [b"", b"Acme", b"a b", b"acme, other", b"admin", b"caf\xe9"];
    for path in ["/api/open", "/api/me", "/api/things"] {
        for value in invalid {
            let value = header::HeaderValue::from_bytes(value).expect("a header value");
            let request = get(path).insert_header(("x-organization-slug", value));
            let answer = refusal(request).await;
            assert_eq!(
                answer,
                (400, "invalid_organization_header".into()),
                "{path}"
            );
        }
        let twice = get(path)
            .append_header(("x-organization-slug", "acme"))
            .append_header(("x-organization-slug", "acme"));
        let answer = refusal(twice).await;
        assert_eq!(
            answer,
            (400, "invalid_organization_header".into()),
            "{path}"
        );
    }
    let elsewhere = get("/open").insert_header(("x-organization-slug", ""));
    assert_eq!(send(elsewhere).await.0, StatusCode::OK);
}

#[actix_web::test]
async fn another_spelling_of_a_path_is_no_way_around_the_rules() {
    let request = get("/%61pi/open").insert_header(("x-organization-slug", ""));
    let answer = refusal(request).await;
    assert_eq!(answer, (400, "invalid_organization_header".into()));
    let answer = refusal(get("/%61pi/th%69ngs/")).await;
    assert_eq!(answer, (401, "not_authenticated".into()));
}

#[actix_web::test]
async fn head_is_admitted_like_get() {
    let head = |path| {
        TestRequest::default()
            .method(actix_web::http::Method::HEAD)
            .uri(path)
    };
    let (status, _, received) = send(signed_in(head("/api/things"))).await;
    assert_eq!((status, received.is_some()), (StatusCode::OK, true));
    assert_eq!(refusal(head("/api/things")).await.0, 401);
}

#[actix_web::test]
async fn an_application_without_a_resolver_rejects_every_caller() {
    let app = init_service(App::new().configure(|app| routes().configure(app))).await;
    let response = call_service(&app, signed_in(get("/api/me")).to_request()).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let problem: Value = read_body_json(response).await;
    assert_eq!(problem["code"], "internal_error");
}

/// An application with this concurrency limit per organization.
async fn limited(
    routes: Routes,
    organization: usize,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let rules = EdgeConfig {
        concurrency: ConcurrencyLimiter::new(ConcurrencyLimits {
            requests: 10,
            per_tenant: organization,
        }),
        ..EdgeConfig::default()
    };
    configured(routes, rules).await
}

/// An application with this configuration.
pub(super) async fn configured(
    routes: Routes,
    rules: EdgeConfig,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let resolver = Arc::new(ViewerOfEverything::new().await);
    App::new()
        .app_data(web::Data::new(rules))
        .app_data(web::Data::<dyn ContextResolver>::from(
            resolver as Arc<dyn ContextResolver>,
        ))
        .app_data(web::Data::<dyn SessionCookieReader>::from(
            Arc::new(PlainCookies) as Arc<dyn SessionCookieReader>,
        ))
        .configure(move |app| routes.configure(app))
        .wrap(from_fn(edge::middleware))
}

pub(super) async fn status<R>(
    app: &impl Service<R, Response = ServiceResponse<BoxBody>, Error = Error>,
    request: R,
) -> u16 {
    call_service(app, request).await.status().as_u16()
}

#[actix_web::test]
async fn only_an_organization_at_its_limit_is_rejected() {
    let (running, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let handler_semaphores = (Arc::clone(&running), Arc::clone(&gate));
    let slow = move |_: Authorized<TenantContext>| {
        let (running, gate) = handler_semaphores.clone();
        async move {
            running.add_permits(1);
            drop(gate.acquire().await);
            "late"
        }
    };
    let access = Access::path_organization::<View>();
    let routes = routes().get("/api/slow/{organization_id}", access, slow);
    let app = init_service(limited(routes, 2).await).await;
    let send = async |path: String| status(&app, signed_in(get(&path)).to_request()).await;
    let slow = || send(format!("/api/slow/{ID}"));
    let meanwhile = async {
        drop(running.acquire_many(2).await.expect("both requests run"));
        assert_eq!(send(format!("/api/o/{ID}")).await, 429);
        let other = Uuid::from_u128(7);
        assert_eq!(send(format!("/api/o/{other}")).await, 200);
        gate.add_permits(2);
    };
    assert_eq!(tokio::join!(slow(), slow(), meanwhile), (200, 200, ()));
    assert_eq!(
        send(format!("/api/o/{ID}")).await,
        200,
        "there is room again"
    );
}

#[actix_web::test]
async fn a_large_response_holds_its_tenant_permit_until_it_is_sent() {
    let access = Access::path_organization::<View>();
    let large = async |_: Authorized<TenantContext>| "x".repeat(100_000);
    let routes = routes().get("/api/large/{organization_id}", access, large);
    let app = init_service(limited(routes, 1).await).await;
    let other = || signed_in(get(&format!("/api/o/{ID}"))).to_request();
    let large = signed_in(get(&format!("/api/large/{ID}"))).to_request();
    let answer = call_service(&app, large).await;
    assert_eq!(status(&app, other()).await, 429);
    assert_eq!(read_body(answer).await.len(), 100_000);
    assert_eq!(status(&app, other()).await, 200);
}

#[actix_web::test]
async fn a_body_being_received_holds_no_tenant_permit() {
    let access = Access::path_organization::<View>();
    let made = Arc::new(Semaphore::new(0));
    let making = Arc::clone(&made);
    let make = move |_: Authorized<TenantContext>, Body(thing): Body<Thing>| {
        let making = Arc::clone(&making);
        async move {
            drop(making.acquire().await);
            thing.name
        }
    };
    let routes = routes().post("/api/o/{organization_id}", access, make);
    let app = init_service(limited(routes, 1).await).await;
    let path = format!("/api/o/{ID}");
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let body = stream::once(async move {
        drop(held.acquire().await);
        Ok(Bytes::from_static(br#"{"name": "late"}"#))
    });
    let slow = signed_in(TestRequest::post().uri(&path))
        .insert_header(header::ContentType::json())
        .to_request();
    let payload: Payload = Payload::Stream {
        payload: Box::pin(body),
    };
    let (slow, _) = slow.replace_payload(payload);
    let meanwhile = async {
        tokio::task::yield_now().await;
        assert_eq!(status(&app, signed_in(get(&path)).to_request()).await, 200);
        gate.add_permits(1);
        tokio::task::yield_now().await;
        let late = status(&app, signed_in(get(&path)).to_request()).await;
        assert_eq!(late, 429, "the body is there");
        made.add_permits(1);
    };
    let (answer, ()) = tokio::join!(call_service(&app, slow), meanwhile);
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(status(&app, signed_in(get(&path)).to_request()).await, 200);
}
