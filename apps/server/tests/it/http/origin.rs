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
