//! Writes that a browser sends on behalf of another site.

use serde_json::json;
use tenantry_testkit::each_database;

use crate::support::TestServer;

each_database! {
    async fn a_write_by_cookie_from_another_site_is_refused_and_writes_nothing(db: TestDatabase) {
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
        // What the browser says of the request counts more than where the page came from.
        let refused = make().header("Sec-Fetch-Site", "cross-site");
        refused.header("Origin", "http://app.example.com").send().await.expect(403);
        assert_eq!(db.number("SELECT count(*) FROM organizations").await, 0);
    }

    async fn our_own_pages_and_programs_without_a_browser_may_write(db: TestDatabase) {
        let server = TestServer::start_as(&db, &[("TENANTRY__SERVER__PUBLIC_URL", "http://app.example.com")]).await;
        let client = server.client();
        let account = json!({ "email": "ada@example.com", "password": "correct horse battery", "name": "Ada" });
        client.post("/api/auth/signup", account).send().await.expect(201);
        let make = || client.post("/api/organizations", json!({ "name": "Acme" }));

        make().send().await.expect(201);
        make().header("Sec-Fetch-Site", "same-origin").send().await.expect(201);
        make().header("Sec-Fetch-Site", "none").send().await.expect(201);
        make().header("Origin", "http://app.example.com").send().await.expect(201);
        // Reading changes nothing, so it may come from anywhere.
        let read = client.get("/api/organizations").header("Sec-Fetch-Site", "cross-site");
        read.send().await.expect(200);
    }
}
