//! The session cookie, through the routes and the middleware.

use std::sync::Arc;

use actix_web::{
    App,
    cookie::{Cookie, SameSite, time::Duration},
    middleware::from_fn,
    test::{TestRequest, call_service, init_service},
    web,
};
use async_trait::async_trait;
use serde_json::{Value, json};
use tenantry_core::access::{
    AccessError, Caller, ContextRequest, ContextResolver, Credential, ResolvedContext,
    SessionCaller,
};
use tenantry_http::{SessionCookieReader, edge};
use tenantry_module::Module as _;
use tenantry_testkit::{TestDatabase, each_database};
use tenantry_users::{
    CookieSettings, SecretTooShort, SessionCredentials, SessionDigest, SessionLifetime, User,
    UsersModule, UsersService, end_replaced_sessions, session_middleware,
};

use crate::support::{PASSWORD, World, count, no_session};

const SECRET: &[u8] = &[7; 64];

/// Resolves every session key to the same caller.
struct AcceptsAnySession(SessionCaller);

#[async_trait]
impl ContextResolver for AcceptsAnySession {
    async fn resolve(&self, question: ContextRequest) -> Result<ResolvedContext, AccessError> {
        match question.credential {
            Some(Credential::Session(_)) => Ok(ResolvedContext {
                caller: Caller::clone(&self.0),
                email_verified: true,
                tenant: None,
                operator: None,
            }),
            _ => Err(AccessError::NotAuthenticated),
        }
    }
}

struct Answer {
    status: u16,
    cookie: Option<Cookie<'static>>,
    json: Value,
}

/// Sends a request as the given caller.
async fn send(world: &World, secure: bool, caller: SessionCaller, request: TestRequest) -> Answer {
    let settings = CookieSettings::new(SECRET, secure, SessionLifetime::default());
    let settings = settings.expect("long enough");
    let credentials: Arc<dyn SessionCookieReader> = Arc::new(SessionCredentials::new(&settings));
    let resolver: Arc<dyn ContextResolver> = Arc::new(AcceptsAnySession(caller));
    let users = UsersModule {
        service: Arc::<dyn UsersService>::clone,
        cookies: |_| {
            let settings = CookieSettings::new(SECRET, false, SessionLifetime::default());
            settings.expect("long enough")
        },
    };
    let database = world.database.clone();
    let app = App::new()
        .app_data(web::Data::from(credentials))
        .app_data(web::Data::from(resolver))
        .wrap(session_middleware(world.database.clone(), &settings))
        .wrap(from_fn(move |request, next| {
            end_replaced_sessions(database.clone(), request, next)
        }))
        .wrap(from_fn(edge::middleware))
        .configure(|app| {
            users.provide(&world.users, app);
            users.routes().configure(app);
        });
    let app = init_service(app).await;
    let response = call_service(&app, request.to_request()).await;
    let status = response.status().as_u16();
    let cookie = response.response().cookies().next();
    let cookie = cookie.map(Cookie::into_owned);
    let body = actix_web::test::read_body(response).await;
    Answer {
        status,
        cookie,
        json: serde_json::from_slice(&body).unwrap_or_default(),
    }
}

fn anonymous(world: &World) -> SessionCaller {
    world.caller_of(tenantry_core::id::Uuid::nil().into(), no_session())
}

fn post(path: &str, body: Value) -> TestRequest {
    TestRequest::post().uri(path).set_json(body)
}

fn log_in() -> TestRequest {
    post(
        "/api/auth/login",
        json!({"email": "ada@example.com", "password": PASSWORD}),
    )
}

/// Ada, and the cookie of a session.
async fn ada(world: &World) -> (User, Cookie<'static>) {
    let user = world.create("ada@example.com").await;
    let answer = send(world, true, anonymous(world), log_in()).await;
    (user, answer.cookie.expect("a cookie"))
}

async fn digests(db: &TestDatabase) -> Vec<Value> {
    let rows = db.query("SELECT key_hash FROM sessions").await;
    rows.into_iter()
        .map(|row| row["key_hash"].clone())
        .collect()
}

each_database! {
    async fn signing_in_returns_the_account_and_a_guarded_cookie(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        let answer = send(&world, true, anonymous(&world), log_in()).await;
        assert_eq!(answer.status, 200);
        let id = answer.json["id"].clone();
        let expected = json!({
            "id": id, "email": "ada@example.com", "email_verified": true, "name": "Ada",
            "is_superuser": false,
        });
        assert_eq!(answer.json, expected);
        let cookie = answer.cookie.expect("a cookie");
        assert_eq!(cookie.name(), "__Host-tenantry_session");
        assert_eq!(cookie.secure(), Some(true));
        assert_eq!(cookie.http_only(), Some(true));
        assert_eq!(cookie.same_site(), Some(SameSite::Lax));
        assert_eq!((cookie.path(), cookie.domain()), (Some("/"), None));
        assert_eq!(cookie.max_age(), Some(Duration::days(30)));
        // The signature precedes the key.
        let key = &cookie.value()[cookie.value().len() - 64..];
        assert_eq!(digests(&db).await, [SessionDigest::of(key).as_str()]);
    }

    async fn without_https_the_cookie_has_no_host_prefix(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        let answer = send(&world, false, anonymous(&world), log_in()).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json["email"], "ada@example.com");
        let cookie = answer.cookie.expect("a cookie");
        assert_eq!(cookie.name(), "tenantry_session");
        assert_ne!(cookie.secure(), Some(true));
    }

    async fn signing_in_again_replaces_the_session_and_its_key(db: TestDatabase) {
        let world = World::new(&db).await;
        let (_, old) = ada(&world).await;
        let before = digests(&db).await;
        let answer = send(&world, true, anonymous(&world), log_in().cookie(old.clone())).await;
        assert_eq!(answer.status, 200);
        assert_ne!(answer.cookie.expect("a cookie").value(), old.value());
        let after = digests(&db).await;
        assert_eq!(after.len(), 1);
        assert_ne!(after, before);
    }

    async fn a_failed_login_does_not_touch_the_session(db: TestDatabase) {
        let world = World::new(&db).await;
        let (_, cookie) = ada(&world).await;
        let wrong = json!({"email": "ada@example.com", "password": "wrong"});
        let request = post("/api/auth/login", wrong).cookie(cookie);
        let answer = send(&world, true, anonymous(&world), request).await;
        assert_eq!((answer.status, &answer.json["code"]), (401, &json!("invalid_credentials")));
        assert!(answer.cookie.is_none());
        assert_eq!(count(&db, "sessions").await, 1);
    }

    async fn signing_out_ends_the_session_and_removes_the_cookie(db: TestDatabase) {
        let world = World::new(&db).await;
        let (user, cookie) = ada(&world).await;
        let caller = world.caller(&user).await;
        let request = TestRequest::post().uri("/api/auth/logout").cookie(cookie);
        let answer = send(&world, true, caller, request).await;
        assert_eq!(answer.status, 204);
        let removal = answer.cookie.expect("a removal");
        assert_eq!((removal.value(), removal.max_age()), ("", Some(Duration::ZERO)));
        assert_eq!(count(&db, "sessions").await, 0);
    }

    async fn ending_the_current_session_removes_the_cookie_and_ending_another_does_not(db: TestDatabase) {
        let world = World::new(&db).await;
        let (user, cookie) = ada(&world).await;
        let other = world.caller(&user).await;
        world.clock.advance(chrono::TimeDelta::minutes(1));
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        let current = world.caller(&user).await;
        let end = |id: tenantry_core::id::SessionId| {
            let path = format!("/api/auth/sessions/{id}");
            TestRequest::delete().uri(&path).cookie(cookie.clone())
        };
        let answer = send(&world, true, current.clone(), end(other.session())).await;
        assert_eq!((answer.status, answer.cookie), (204, None));
        let answer = send(&world, true, current.clone(), end(current.session())).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.cookie.expect("a removal").value(), "");
        assert_eq!(count(&db, "sessions").await, 0);
    }

    async fn an_invalid_id_gets_the_response_of_an_unknown_session(db: TestDatabase) {
        let world = World::new(&db).await;
        let (user, cookie) = ada(&world).await;
        let caller = world.caller(&user).await;
        for id in ["00000000-0000-0000-0000-000000000000", "x", "%00"] {
            let path = format!("/api/auth/sessions/{id}");
            let request = TestRequest::delete().uri(&path).cookie(cookie.clone());
            let answer = send(&world, true, caller.clone(), request).await;
            assert_eq!((answer.status, &answer.json["code"]), (404, &json!("session_not_found")));
        }
    }

    async fn a_cookie_with_another_signature_is_no_credential(db: TestDatabase) {
        let world = World::new(&db).await;
        let (user, mut cookie) = ada(&world).await;
        let caller = world.caller(&user).await;
        let altered = format!("A{}", &cookie.value()[1..]);
        let altered = if altered == cookie.value() { altered.replace('A', "B") } else { altered };
        cookie.set_value(altered);
        let request = TestRequest::get().uri("/api/auth/sessions").cookie(cookie);
        let answer = send(&world, true, caller, request).await;
        assert_eq!((answer.status, &answer.json["code"]), (401, &json!("invalid_credential")));
    }
}

#[test]
fn a_secret_has_at_least_64_bytes() {
    let lifetime = SessionLifetime::default();
    let short = CookieSettings::new(&SECRET[1..], true, lifetime);
    assert_eq!(short.err(), Some(SecretTooShort));
    assert!(CookieSettings::new(SECRET, true, lifetime).is_ok());
}
