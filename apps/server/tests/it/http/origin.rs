//! Cross-site requests from a browser.

use serde_json::json;
use tenantry_testkit::each_database;

use crate::support::TestServer;

each_database! {
    async fn a_cross_site_write_with_a_cookie_is_rejected(db: TestDatabase) {
        let server = TestServer::start_as(&db, &[("TENANTRY__SERVER__PUBLIC_URL", "http://app.example.com")]).await;
        let client = server.client();
        let account = json!({ "email": "ada@example.com", "password": "correct horse battery", "name": "Ada" });
        client.post("/api/auth/signup", account).send().await.expect(201);
        let make = || client.post("/api/organizations", json!({ "name": "Acme" }));

        for (header, value) in [
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
            ("Origin", "https://evil.example"),
            ("Origin", "https://app.example.com"),
            ("Origin", "null"),
        ] {
            let refused = make().header(header, value).send().await;
            assert_eq!(refused.expect(403).problem_code(), "origin_refused", "{header}: {value}");
        }
        // `Sec-Fetch-Site` takes precedence over `Origin`.
        let refused = make().header("Sec-Fetch-Site", "cross-site");
        refused.header("Origin", "http://app.example.com").send().await.expect(403);
        assert_eq!(db.number("SELECT count(*) FROM organizations").await, 0);
    }

    async fn a_page_of_another_site_can_not_sign_anyone_in_or_up(db: TestDatabase) {
        let server = TestServer::start_as(&db, &[("TENANTRY__SERVER__PUBLIC_URL", "http://app.example.com")]).await;
        let account = |name: &str| json!({ "email": format!("{name}@example.com"), "password": "correct horse battery", "name": name });
        server.client().post("/api/auth/signup", account("ada")).send().await.expect(201);
        let login = json!({ "email": "ada@example.com", "password": "correct horse battery" });
        let refused: [&[(&str, &str)]; 9] = [
            &[("Sec-Fetch-Site", "cross-site")],
            &[("Sec-Fetch-Site", "same-site")],
            &[("Sec-Fetch-Site", "Same-Origin")],
            &[("Sec-Fetch-Site", "")],
            &[("Sec-Fetch-Site", "cross-site"), ("Origin", "http://app.example.com")],
            &[("Origin", "https://evil.example")],
            &[("Origin", "https://app.example.com")],
            &[("Origin", "http://app.example.com:81")],
            &[("Origin", "null")],
        ];
        let sessions = db.number("SELECT count(*) FROM sessions").await;
        for headers in refused {
            for (path, body) in [("/api/auth/login", login.clone()), ("/api/auth/signup", account("eve"))] {
                for cookie in [None, Some("tenantry_session=x")] {
                    let mut call = server.client().post(path, &body);
                    for (name, value) in headers.iter().copied().chain(cookie.map(|it| ("Cookie", it))) {
                        call = call.header(name, value);
                    }
                    let answer = call.send().await.expect(403);
                    assert_eq!(answer.problem_code(), "origin_refused", "{path} {headers:?}");
                    assert!(answer.header("set-cookie").is_none(), "{answer}");
                }
                // It is refused before the body is read.
                let mut call = server.client().raw("POST", path).body("{{{");
                for (name, value) in headers {
                    call = call.header(name, value);
                }
                call.send().await.expect(403);
            }
        }
        assert_eq!(db.number("SELECT count(*) FROM sessions").await, sessions);
        assert_eq!(db.number("SELECT count(*) FROM users").await, 1);

        for (name, value) in [
            ("Sec-Fetch-Site", "same-origin"),
            ("Sec-Fetch-Site", "none"),
            ("Origin", "http://app.example.com"),
            ("User-Agent", "curl"),
        ] {
            server.client().post("/api/auth/login", &login).header(name, value).send().await.expect(200);
        }
    }

    async fn same_origin_pages_and_non_browsers_may_write(db: TestDatabase) {
        let server = TestServer::start_as(&db, &[("TENANTRY__SERVER__PUBLIC_URL", "http://app.example.com")]).await;
        let client = server.client();
        let account = json!({ "email": "ada@example.com", "password": "correct horse battery", "name": "Ada" });
        client.post("/api/auth/signup", account).send().await.expect(201);
        let make = || client.post("/api/organizations", json!({ "name": "Acme" }));

        make().send().await.expect(201);
        make().header("Sec-Fetch-Site", "same-origin").send().await.expect(201);
        make().header("Sec-Fetch-Site", "none").send().await.expect(201);
        make().header("Origin", "http://app.example.com").send().await.expect(201);
        // A read writes nothing, so any origin may send it.
        let read = client.get("/api/organizations").header("Sec-Fetch-Site", "cross-site");
        read.send().await.expect(200);
    }
}
