//! Methods, paths, queries and headers.

use actix_web::http::Method;
use tenantry_http::RouteInfo;
use tenantry_testkit::each_database;

use super::requests::{Scene, refused};
use crate::http::support::{RANDOM_ID, api_routes, assert_same, is_write};

each_database! {
    async fn another_method_is_refused_with_those_that_are_right(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let before = scene.setup.tables().await;
        for (route, path) in scene.routes() {
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
                    let call = scene.ada.raw(method, &path);
                    let answer = refused(call, 405, &format!("{method} {path}")).await;
                    assert_eq!(answer.header("allow"), Some(allowed.join(", ").as_str()));
                }
            }
        }
        scene.setup.assert_unchanged(&before).await;
    }

    async fn a_slash_at_the_end_makes_no_difference(db: TestDatabase) {
        let scene = Scene::new(db).await;
        for (route, path) in scene.routes().iter().filter(|(route, _)| !is_write(route)) {
            let plain = scene.call(route, path).send().await.expect(200);
            assert_same(&scene.call(route, &format!("{path}/")).send().await, &plain);
        }
        // Backwards, because a signup makes the client another person.
        for (route, path, good) in scene.bodies().into_iter().rev() {
            let call = scene.call(&route, &format!("{path}/")).json(good);
            let status = call.send().await.status;
            assert!((200..300).contains(&status), "{status} to {} {path}/", route.method);
        }
        // One is enough.
        refused(scene.ada.get("/api/projects//"), 404, "two slashes").await;
        scene.ada.get("//api/projects").send().await.expect(404);
    }

    async fn head_is_get_without_a_body(db: TestDatabase) {
        let scene = Scene::new(db).await;
        for (route, path) in scene.routes().iter().filter(|(route, _)| !is_write(route)) {
            let get = scene.call(route, path).send().await.expect(200);
            let head = RouteInfo { method: Method::HEAD, ..route.clone() };
            let head = scene.call(&head, path).send().await.expect(200);
            assert!(head.body.is_empty() && !get.body.is_empty(), "{path}");
            for name in ["content-type", "content-length", "etag", "cache-control", "vary"] {
                assert_eq!(head.header(name), get.header(name), "{name} of {path}");
            }
            if route.access.is_anyone() {
                continue;
            }
            let status = if route.access.is_for_operators() { 404 } else { 401 };
            let refusal = scene.setup.anonymous().raw("HEAD", path).send().await.expect(status);
            assert!(refusal.body.is_empty());
        }
    }

    async fn a_path_that_leads_nowhere_is_not_found(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let before = scene.setup.tables().await;
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
                // Some of these are ids that nothing has, and some are no path of ours.
                let call = scene.ada.raw(method, path).header("content-type", "application/json");
                refused(call, 404, path).await;
            }
        }
        scene.setup.assert_unchanged(&before).await;
    }

    async fn an_id_that_is_none_is_answered_like_one_that_nothing_has(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let before = scene.setup.tables().await;
        let (_, path) = scene.routes().pop().expect("the last is of projects");
        let own = path.rsplit('/').next().expect("an id").to_owned();
        let routes = api_routes().into_iter().filter(|route| route.path.contains('{'));
        for route in routes {
            let ask = |id: &str| {
                let path = route.path.replace("{organization_id}", id).replace("{id}", id);
                let call = scene.call(&route, &path);
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
        scene.setup.assert_unchanged(&before).await;
    }

    async fn a_query_where_none_belongs_is_refused(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let before = scene.setup.tables().await;
        for (route, path) in scene.routes() {
            let ask = |query: &str| {
                let call = scene.call(&route, &format!("{path}?{query}"));
                call.header("content-type", "application/json").body("{}")
            };
            for query in ["unknown=1", "_method=DELETE"] {
                let answer = refused(ask(query), 400, &format!("{} {path}", route.method)).await;
                assert_eq!(answer.problem_code(), "unknown_parameter");
            }
            for query in ["limit=1&limit=1", "%00=1", "%", "x=%00", "limit=1&LIMIT=1", "=", "%ff=1"] {
                refused(ask(query), 400, &format!("{} {path}?{query}", route.method)).await;
            }
        }
        scene.setup.assert_unchanged(&before).await;
    }
}
