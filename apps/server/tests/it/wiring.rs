//! The modules are wired to each other, to the settings and to HTTP.

use serde_json::{Value, json};
use tenantry::settings::{SettingSources, Settings};
use tenantry_testkit::{ApiClient, each_database};

use crate::support::{Program, TestServer, create_acme, dedicated};

async fn sign_up(client: &ApiClient, email: &str) -> Value {
    let account = json!({ "email": email, "name": "N", "password": "correct horse battery" });
    let answer = client.post("/api/auth/signup", account).send().await;
    answer.expect(201).json()
}

each_database! {
    async fn a_signup_to_a_dedicated_deployment_joins_it(database: TestDatabase) {
        let server = TestServer::start_with(&database, dedicated).await;
        create_acme(&server.app).await;
        let client = server.client();
        sign_up(&client, "ada@example.com").await;
        client.get("/api/organizations/current").send().await.expect(200);
        let refused = client.post("/api/organizations", json!({ "name": "Mine" })).send().await;
        let code = refused.expect(403).problem_code();
        assert_eq!(code, "organization_creation_disabled");
    }

    async fn bodies_are_limited_by_the_setting(database: TestDatabase) {
        let server = TestServer::start_with(&database, |settings| {
            settings.limits.body_bytes = 1024;
        })
        .await;
        let large = json!({ "email": "x".repeat(1024), "password": "y" });
        let refused = server.client().post("/api/auth/login", large).send().await;
        assert_eq!(refused.expect(413).problem_code(), "payload_too_large");
    }

    async fn cookies_are_secure_if_the_public_url_is_https(database: TestDatabase) {
        let plain = TestServer::start(&database).await;
        let name = cookie(&plain, "ada@example.com").await;
        assert!(name.starts_with("tenantry_session="), "{name}");
        assert!(!name.contains("Secure"), "{name}");

        let public = [("TENANTRY__SERVER__PUBLIC_URL", "https://tenantry.example/")];
        let public = Settings::parse(&SettingSources::environment(public)).expect("valid");
        let secure = TestServer::start_with(&database, |settings| {
            settings.server.public_url = public.server.public_url;
        })
        .await;
        let name = cookie(&secure, "bob@example.com").await;
        assert!(name.starts_with("__Host-tenantry_session="), "{name}");
        assert!(name.contains("Secure") && name.contains("HttpOnly"), "{name}");
    }

    async fn a_cursor_is_valid_on_another_server_with_the_same_secret(database: TestDatabase) {
        let program = Program::on(&database);
        program.run(&["seed"]).expect(0);
        let login = json!({ "email": "olivia@example.com", "password": "tenantry-demo" });
        let mut seen = Vec::new();
        let mut path = "/api/projects?limit=1".to_owned();
        for _ in 0..2 {
            // A new server each time, without shared memory.
            let server = TestServer::start(&database).await;
            let client = server.client();
            client.post("/api/auth/login", &login).send().await.expect(200);
            let page = client.get(&path).send().await.expect(200).json();
            seen.push(page["items"][0]["id"].clone());
            let cursor = page["next_cursor"].as_str().expect("three projects");
            path = format!("/api/projects?limit=1&cursor={cursor}");
            server.stop().await;
        }
        assert_ne!(seen[0], seen[1]);
    }
}

async fn cookie(server: &TestServer, email: &str) -> String {
    let account = json!({ "email": email, "name": "N", "password": "correct horse battery" });
    let answer = server
        .client()
        .post("/api/auth/signup", account)
        .send()
        .await;
    let answer = answer.expect(201);
    answer.header("set-cookie").expect("a session").to_owned()
}
