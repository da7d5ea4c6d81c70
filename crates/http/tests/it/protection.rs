//! Security headers for browsers, and requests that are rejected before a handler runs.

use std::{pin::pin, sync::Arc};

use actix_web::{
    HttpResponse,
    http::{Method, header},
    test::TestRequest,
    web,
};
use futures_util::FutureExt as _;
use tenantry_http::{
    Access, CALLER_REQUESTS, ClientAddress, ConcurrencyLimiter, ConcurrencyLimits, CorsOrigins,
    EdgeConfig, RateLimiter, RateLimits, Routes,
};
use tokio::sync::Semaphore;

use crate::support::{Undocumented, send, send_under};

fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

fn routes() -> Routes {
    Routes::new().get("/api/x", Access::anyone(), async || "four")
}

#[actix_web::test]
async fn every_response_has_security_headers() {
    let routes = routes().get("/panic", Access::anyone(), async || -> &'static str {
        panic!("on purpose")
    });
    for (path, status) in [
        ("/api/x", 200),
        ("/nowhere", 404),
        ("/panic", 500),
        ("/api/x?a", 400),
    ] {
        let answer = send(&routes, get(path)).await;
        assert_eq!(answer.status, status, "{path}");
        for (name, value) in [
            (
                "content-security-policy",
                "default-src 'none'; frame-ancestors 'none'",
            ),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", ""),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(answer.header(name), value, "{path}: {name}");
        }
    }
}

#[actix_web::test]
async fn a_handler_may_set_its_own_content_security_policy() {
    let routes = Routes::new().get("/page", Access::anyone(), async || {
        let own = (header::CONTENT_SECURITY_POLICY, "default-src 'self'");
        Undocumented(HttpResponse::Ok().insert_header(own).body("page"))
    });
    let answer = send(&routes, get("/page")).await;
    assert_eq!(
        answer.header("content-security-policy"),
        "default-src 'self'"
    );
}

#[actix_web::test]
async fn over_https_responses_have_an_hsts_header() {
    let rules = EdgeConfig {
        https: true,
        ..EdgeConfig::default()
    };
    for path in ["/api/x", "/nowhere"] {
        let answer = send_under(&rules, &routes(), get(path)).await;
        assert_eq!(
            answer.header("strict-transport-security"),
            "max-age=31536000",
            "{path}"
        );
    }
}

#[actix_web::test]
async fn a_repeated_singleton_header_is_rejected() {
    for name in [
        "host",
        "content-type",
        "content-encoding",
        "origin",
        "access-control-request-method",
        "sec-fetch-site",
        "authorization",
    ] {
        let twice = get("/api/x")
            .append_header((name, "one"))
            .append_header((name, "two"));
        let answer = send(&routes(), twice).await;
        assert_eq!(answer.code(), (400, "repeated_header".into()), "{name}");
        let once = get("/api/x").append_header((name, "one"));
        assert_eq!(send(&routes(), once).await.status, 200, "{name}");
    }
}

fn cors() -> EdgeConfig {
    let cors: CorsOrigins = "https://app.example.com".parse().expect("an origin");
    EdgeConfig {
        cors,
        ..EdgeConfig::default()
    }
}

fn preflight(origin: &str) -> TestRequest {
    TestRequest::default()
        .method(Method::OPTIONS)
        .uri("/api/x")
        .insert_header((header::ORIGIN, origin))
        .insert_header((header::ACCESS_CONTROL_REQUEST_METHOD, "POST"))
}

const OURS: &str = "https://app.example.com";

#[actix_web::test]
async fn pages_of_configured_origins_may_call_and_read() {
    let answer = send_under(&cors(), &routes(), preflight(OURS)).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), OURS);
    assert!(
        answer
            .header("access-control-allow-methods")
            .contains("PATCH")
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("Authorization")
    );
    for path in ["/api/x", "/api/nowhere"] {
        let answer = send_under(
            &cors(),
            &routes(),
            get(path).insert_header(("origin", OURS)),
        )
        .await;
        assert_eq!(answer.header("access-control-allow-origin"), OURS, "{path}");
        assert!(
            answer
                .header("access-control-expose-headers")
                .contains("X-Request-Id")
        );
        let vary = answer
            .headers
            .get_all("vary")
            .any(|value| value == "Origin");
        assert!(vary, "{path}");
    }
}

#[actix_web::test]
async fn cors_never_allows_credentials() {
    for request in [
        preflight(OURS),
        get("/api/x").insert_header(("origin", OURS)),
    ] {
        let answer = send_under(&cors(), &routes(), request).await;
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
}

#[actix_web::test]
async fn other_origins_may_not_read() {
    let foreign = [
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com.evil.example",
        "https://app.example.com:8443",
        "null",
    ];
    for (rules, origins) in [(cors(), &foreign[..]), (EdgeConfig::default(), &[OURS])] {
        for origin in origins {
            let answer = send_under(&rules, &routes(), preflight(origin)).await;
            assert_eq!(
                answer.code(),
                (405, "method_not_allowed".into()),
                "{origin}"
            );
            assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
            let read = get("/api/x").insert_header(("origin", *origin));
            let answer = send_under(&rules, &routes(), read).await;
            assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
        }
    }
}

#[actix_web::test]
async fn an_answer_to_one_origin_is_not_kept_for_another() {
    let answer = send_under(&cors(), &routes(), get("/api/x")).await;
    assert!(
        answer
            .headers
            .get_all("vary")
            .any(|value| value == "Origin")
    );
}

async fn show_client(Undocumented(request): Undocumented<actix_web::HttpRequest>) -> String {
    use actix_web::HttpMessage as _;
    let client = request.extensions().get::<ClientAddress>().copied();
    client.expect("every request has one").to_string()
}

#[actix_web::test]
async fn only_trusted_proxies_set_the_client_address() {
    let routes = Routes::new().get("/client", Access::anyone(), show_client);
    let proxies = "10.0.0.0/8".parse().expect("a network");
    let rules = EdgeConfig {
        proxies,
        ..EdgeConfig::default()
    };
    let from = |peer: &str| {
        let peer = format!("{peer}:4711").parse().expect("an address");
        let header = ("x-forwarded-for", "6.6.6.6, 1.1.1.1");
        get("/client").peer_addr(peer).insert_header(header)
    };
    assert_eq!(
        send_under(&rules, &routes, from("10.1.2.3")).await.text,
        "1.1.1.1"
    );
    assert_eq!(
        send_under(&rules, &routes, from("8.8.8.8")).await.text,
        "8.8.8.8"
    );
    let no_proxies = EdgeConfig::default();
    assert_eq!(
        send_under(&no_proxies, &routes, from("10.1.2.3"))
            .await
            .text,
        "10.1.2.3"
    );
}

#[actix_web::test]
async fn a_forwarding_header_is_read_by_its_whole_grammar() {
    let routes = Routes::new().get("/client", Access::anyone(), show_client);
    let rules = EdgeConfig {
        proxies: "10.0.0.0/8".parse().expect("a network"),
        ..EdgeConfig::default()
    };
    let proxy = "10.1.2.3";
    for (name, value, client) in [
        ("forwarded", "for=1.1.1.1;ext=\"a, b\"", "1.1.1.1"),
        ("forwarded", "ext=\"a;b,c\";for=1.1.1.1", "1.1.1.1"),
        (
            "forwarded",
            "ext=\"\\\", for=6.6.6.6, \\\"\";for=1.1.1.1",
            "1.1.1.1",
        ),
        ("forwarded", "for=\"1.1.1.1\"", "1.1.1.1"),
        ("forwarded", "for=\"1\\.1.1.1:80\"", "1.1.1.1"),
        ("forwarded", "for=\"1.1.1.1:_port\"", "1.1.1.1"),
        ("forwarded", "for=\"[2001:db8::1]:_port\"", "2001:db8::1"),
        ("forwarded", "for=1.1.1.1,", "1.1.1.1"),
        ("forwarded", "for=1.1.1.1, ,, for=10.2.2.2 ,", "1.1.1.1"),
        ("forwarded", ", ,for=1.1.1.1", "1.1.1.1"),
        ("forwarded", "for=1.1.1.1;;proto=https;", "1.1.1.1"),
        ("forwarded", "proto=https ; FOR=1.1.1.1", "1.1.1.1"),
        ("forwarded", "for=\"unfinished, for=1.1.1.1", proxy),
        ("forwarded", "for=6.6.6.6;for=1.1.1.1", proxy),
        ("forwarded", "for=1.1.1.1;ext=\"a\"b", proxy),
        ("forwarded", "for=unknown", proxy),
        ("forwarded", ", ,", proxy),
        ("x-forwarded-for", "1.1.1.1,", "1.1.1.1"),
        ("x-forwarded-for", "1.1.1.1, ,, 10.2.2.2,\t,", "1.1.1.1"),
        ("x-forwarded-for", ",1.1.1.1", "1.1.1.1"),
        ("x-forwarded-for", "\"[2001:db8::1]:4711\"", "2001:db8::1"),
        ("x-forwarded-for", "6.6.6.6, unknown", proxy),
    ] {
        let peer = format!("{proxy}:4711").parse().expect("an address");
        let request = get("/client").peer_addr(peer).insert_header((name, value));
        let answer = send_under(&rules, &routes, request).await;
        assert_eq!(answer.text, client, "{name}: {value}");
    }
}

#[actix_web::test]
async fn a_malformed_line_of_a_client_does_not_hide_what_the_proxy_adds() {
    let routes = Routes::new().get("/client", Access::anyone(), show_client);
    let rules = EdgeConfig {
        proxies: "10.0.0.0/8".parse().expect("a network"),
        ..EdgeConfig::default()
    };
    for line in ["for=\"unfinished", ",,;=", "", "caf\u{e9}"] {
        let peer = "10.1.2.3:4711".parse().expect("an address");
        let request = get("/client")
            .peer_addr(peer)
            .append_header(("forwarded", line.as_bytes()))
            .append_header(("forwarded", "for=1.1.1.1"));
        assert_eq!(
            send_under(&rules, &routes, request).await.text,
            "1.1.1.1",
            "{line}"
        );
    }
}

#[actix_web::test]
async fn beyond_its_limit_a_server_rejects_early_but_reports_its_health() {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let routes = routes()
        .get("/health/live", Access::anyone(), async || "live")
        .get("/api/slow", Access::anyone(), move || {
            let held = Arc::clone(&held);
            async move {
                let _permit = held.acquire().await;
                "late"
            }
        });
    let load = ConcurrencyLimiter::new(ConcurrencyLimits {
        requests: 2,
        per_tenant: 2,
    });
    let rules = EdgeConfig {
        concurrency: load,
        ..EdgeConfig::default()
    };
    let slow = || send_under(&rules, &routes, get("/api/slow"));
    let meanwhile = async {
        tokio::task::yield_now().await;
        let refused = send_under(&rules, &routes, get("/api/x")).await;
        assert_eq!(refused.code(), (503, "overloaded".into()));
        assert_eq!(refused.header("retry-after"), "1");
        let health = send_under(&rules, &routes, get("/health/live"));
        let health = health.now_or_never().expect("it waits for nothing");
        assert_eq!(health.status, 200);
        gate.add_permits(2);
    };
    let (first, second, ()) = tokio::join!(slow(), slow(), meanwhile);
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (200, 200));
    assert_eq!(send_under(&rules, &routes, get("/api/x")).await.status, 200);
}

#[actix_web::test]
async fn a_request_beyond_the_limit_waits_briefly_for_a_permit() {
    let gate = Arc::new(Semaphore::new(0));
    let held = Arc::clone(&gate);
    let routes = routes().get("/api/slow", Access::anyone(), move || {
        let held = Arc::clone(&held);
        async move { held.acquire().await.map(|_| "late").expect("open") }
    });
    let rules = EdgeConfig {
        concurrency: ConcurrencyLimiter::new(ConcurrencyLimits {
            requests: 1,
            per_tenant: 1,
        }),
        ..EdgeConfig::default()
    };
    let first = send_under(&rules, &routes, get("/api/x")).now_or_never();
    assert_eq!(first.expect("a permit is free").status, 200);
    let mut inside = pin!(send_under(&rules, &routes, get("/api/slow")));
    let mut waiting = pin!(send_under(&rules, &routes, get("/api/x")));
    assert!(
        inside.as_mut().now_or_never().is_none(),
        "it has the permit"
    );
    assert!(
        waiting.as_mut().now_or_never().is_none(),
        "it waits for the permit"
    );
    gate.add_permits(1);
    assert_eq!(inside.await.status, 200);
    assert_eq!(waiting.await.status, 200);
}

#[actix_web::test]
async fn a_server_that_shuts_down_closes_its_connections() {
    let rules = EdgeConfig::default();
    let kept = send_under(&rules, &routes(), get("/api/x")).await;
    assert!(!kept.closes, "{:?}", kept.headers);
    rules.shutdown.start();
    let last = send_under(&rules, &routes(), get("/api/x")).await;
    assert!(last.closes, "{:?}", last.headers);
}

#[actix_web::test]
async fn anonymous_requests_are_limited_by_address() {
    let limits = RateLimits::new().with(CALLER_REQUESTS, 2, std::time::Duration::from_secs(3600));
    let limits = web::Data::new(limits);
    let routes = routes();
    let send_from = |peer: &'static str| {
        let peer = peer.parse().expect("an address");
        crate::support::send_with(limits.clone(), &routes, get("/api/x").peer_addr(peer))
    };
    assert_eq!(send_from("[2001:db8::1]:1").await.status, 200);
    assert_eq!(send_from("[2001:db8::2]:1").await.status, 200);
    let refused = send_from("[2001:db8::3]:1").await;
    assert_eq!(refused.code(), (429, "rate_limited".into()));
    let wait: u32 = refused.header("retry-after").parse().expect("seconds");
    assert!(wait > 1, "{wait}");
    assert_eq!(send_from("[2001:db8:0:1::1]:1").await.status, 200);
}

#[actix_web::test]
async fn without_configured_limits_a_handler_is_not_limited() {
    const THINGS: tenantry_http::RateLimit = tenantry_http::RateLimit("things");
    let routes = Routes::new().get("/api/x", Access::anyone(), async |throttle: RateLimiter| {
        throttle.check_address(THINGS)?;
        Ok::<_, tenantry_http::Problem>(actix_web::web::Json("four"))
    });
    assert_eq!(send(&routes, get("/api/x")).await.status, 200);
}
