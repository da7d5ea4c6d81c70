//! Methods, paths, queries and headers.

use actix_web::http::Method;
use tenantry_http::RouteInfo;
use tenantry_testkit::each_database;

use super::requests::{Fixture, NEEDS_FACTOR, rejected};
use crate::http::support::{RANDOM_ID, api_routes, assert_same, is_write};

each_database! {
    async fn a_wrong_method_is_rejected_with_the_allowed_ones(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let before = fixture.setup.tables().await;
        for (route, path) in fixture.routes() {
            let of_path = api_routes().into_iter().filter(|other| other.path == route.path);
            let mut allowed: Vec<_> = of_path.map(|route| route.method.to_string()).collect();
            allowed.sort();
            if let Some(get) = allowed.iter().position(|method| method == "GET") {
                allowed.insert(get + 1, "HEAD".to_owned());
            }
            let others = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW", "get", "HEAD"];
            for method in others {
                if allowed.iter().any(|allowed| allowed == method) {
                    continue;
                }
                for path in [path.clone(), format!("{path}/")] {
                    let what = format!("{method} {path}");
                    let named = Method::from_bytes(method.as_bytes()).expect("a method");
                    let asked = RouteInfo { method: named, ..route.clone() };
                    let answer = rejected(fixture.call(&asked, &path), 405, &what).await;
                    if route.access.is_for_operators() {
                        rejected(fixture.ada.raw(method, &path), 404, &what).await;
                    }
                    assert_eq!(answer.header("allow"), Some(allowed.join(", ").as_str()));
                }
            }
        }
        fixture.setup.assert_unchanged(&before).await;
    }

    async fn a_trailing_slash_makes_no_difference(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for (route, path) in fixture.routes().iter().filter(|(route, _)| !is_write(route)) {
            let plain = fixture.call(route, path).send().await.expect(200);
            assert_same(&fixture.call(route, &format!("{path}/")).send().await, &plain);
        }
        // In reverse, because a signup replaces the client's session.
        for (route, path, good) in fixture.bodies().into_iter().rev() {
            if NEEDS_FACTOR.contains(&route.path) {
                continue;
            }
            let call = fixture.call(&route, &format!("{path}/")).json(good);
            let status = call.send().await.status;
            assert!((200..300).contains(&status), "{status} to {} {path}/", route.method);
        }
        // Only one slash is ignored.
        rejected(fixture.ada.get("/api/projects//"), 404, "two slashes").await;
        fixture.ada.get("//api/projects").send().await.expect(404);
    }

    async fn head_is_get_without_a_body(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for (route, path) in fixture.routes().iter().filter(|(route, _)| !is_write(route)) {
            let get = fixture.call(route, path).send().await.expect(200);
            let head = RouteInfo { method: Method::HEAD, ..route.clone() };
            let head = fixture.call(&head, path).send().await.expect(200);
            assert!(head.body.is_empty() && !get.body.is_empty(), "{path}");
            for name in ["content-type", "content-length", "etag", "cache-control", "vary"] {
                assert_eq!(head.header(name), get.header(name), "{name} of {path}");
            }
            if route.access.is_anyone() {
                continue;
            }
            let status = if route.access.is_for_operators() { 404 } else { 401 };
            let refusal = fixture.setup.anonymous().raw("HEAD", path).send().await.expect(status);
            assert!(refusal.body.is_empty());
        }
    }

    async fn an_unknown_path_is_not_found(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let before = fixture.setup.tables().await;
        let long = format!("/api/{}", "x".repeat(20_000));
        let long_id = format!("/api/projects/{}", "0".repeat(20_000));
        for path in [
            "/api", "/api/", "/api/nowhere", "/api/Projects", "/api/projects/x/y", "/api/%00",
            "/api/projects%00", "/api/projects%2f", "/api/projects;x=1", "/api/auth", "/api/auth/me/x",
            "/api/%2e%2e%2fprojects", "/api/organizations/x/y", "/api/%ff%fe",
            "/api/projects/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/api/projects/..%5c", &long, &long_id,
            "/api/projects/%", "/api/projects/%zz",
        ] {
            for method in ["GET", "DELETE"] {
                // Some of these are unknown ids, and some unknown paths.
                let call = fixture.ada.raw(method, path).header("content-type", "application/json");
                rejected(call, 404, path).await;
            }
        }
        fixture.setup.assert_unchanged(&before).await;
    }

    async fn a_malformed_id_is_not_found(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let before = fixture.setup.tables().await;
        let (_, path) = fixture.routes().pop().expect("a route of projects comes last");
        let own = path.rsplit('/').next().expect("an id").to_owned();
        let routes = api_routes().into_iter().filter(|route| route.path.contains('{'));
        for route in routes {
            let ask = |id: &str| {
                let path = route.path.replace("{organization_id}", id).replace("{id}", id);
                let call = fixture.call(&route, &path);
                call.header("content-type", "application/json").body("{}").send()
            };
            let unknown = ask(RANDOM_ID).await.expect(404);
            let braces = format!("%7B{own}%7D");
            let urn = format!("urn:uuid:{own}");
            for id in [
                "x", "0", "-1", "%00", "%20", "%ff", "%F0%9F%98%80", "%2e%2e%2fme", "%2e%2e%2f", "*",
                "null", "'%20OR%201=1--", &format!("{own}%00"), &format!("{own}x"), &braces, &urn,
                &own.to_uppercase(), &own.replace('-', ""), &"a".repeat(5_000),
            ] {
                assert_same(&ask(id).await, &unknown);
            }
        }
        fixture.setup.assert_unchanged(&before).await;
    }

    async fn an_unknown_query_parameter_is_rejected(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let before = fixture.setup.tables().await;
        for (route, path) in fixture.routes() {
            let ask = |query: &str| {
                let call = fixture.call(&route, &format!("{path}?{query}"));
                call.header("content-type", "application/json").body("{}")
            };
            for query in ["unknown=1", "_method=DELETE"] {
                let answer = rejected(ask(query), 400, &format!("{} {path}", route.method)).await;
                assert_eq!(answer.problem_code(), "unknown_parameter");
            }
            for query in ["limit=1&limit=1", "%00=1", "%", "x=%00", "limit=1&LIMIT=1", "=", "%ff=1"] {
                rejected(ask(query), 400, &format!("{} {path}?{query}", route.method)).await;
            }
        }
        fixture.setup.assert_unchanged(&before).await;
    }
}
