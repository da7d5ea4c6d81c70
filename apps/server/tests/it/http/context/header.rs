//! The header `X-Organization-Slug`.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::{Answer, ApiClient, each_database};

use crate::http::support::{
    PASSWORD, RANDOM_ID, Setup, api_routes, assert_problem, assert_same, filled,
};

const HEADER: &str = "X-Organization-Slug";

/// A request that needs an organization, with this header.
async fn named(client: &ApiClient, slug: &str) -> Answer {
    client.get("/api/projects").organization(slug).send().await
}

each_database! {
    async fn a_malformed_header_is_rejected_on_every_route(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let before = setup.tables().await;

        for route in api_routes() {
            for id in [&alpha, RANDOM_ID] {
                let path = filled(&route, id, id);
                for client in [&ada, &setup.anonymous()] {
                    let call = client.raw(route.method.as_str(), &path).organization("Alpha");
                    let answer = call.send().await.expect(400);
                    assert_eq!(answer.problem_code(), "invalid_organization_header");
                    assert_problem(&answer);
                }
            }
        }
        setup.assert_unchanged(&before).await;
    }

    async fn a_header_that_is_not_a_slug_is_malformed(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let before = setup.tables().await;

        let long = "a".repeat(64);
        let longer = "a".repeat(20_000);
        for bad in [
            "", "a", "-alpha", "alpha-", "ALPHA", "alpha beta", "alpha,alpha", "alpha;", "\"alpha\"",
            "al_pha", "al.pha", "alph%61", "admin", "null", &long, &longer,
        ] {
            let answer = named(&ada, bad).await.expect(400);
            assert_eq!(answer.problem_code(), "invalid_organization_header", "{bad}");
        }
        for bytes in [&b"\xff\xfe"[..], b"alph\xc3\xa4", b"alpha\t\xa0", "\u{430}lpha".as_bytes()] {
            let answer = ada.get("/api/projects").header(HEADER, bytes).send().await.expect(400);
            assert_eq!(answer.problem_code(), "invalid_organization_header", "{bytes:?}");
        }
        for second in ["alpha", "beta", ""] {
            let twice = ada.get("/api/projects").organization("alpha").organization(second);
            let answer = twice.send().await.expect(400);
            assert_eq!(answer.problem_code(), "invalid_organization_header", "{second}");
        }
        let write = ada.post("/api/projects", json!({"name": "Rocket"})).organization("");
        write.send().await.expect(400);
        setup.assert_unchanged(&before).await;
        named(&ada, "alpha").await.expect(200);
    }

    async fn a_foreign_slug_and_an_unknown_slug_get_the_same_response(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let owner = setup.user("grace").await;
        for slug in ["foreign", "closed", "joined"] {
            setup.organization(&owner, slug).await;
        }
        setup.join("joined", "ada", Role::Owner).await;
        named(&ada, "joined").await.expect(200);
        setup.remove("joined", "ada").await;
        setup.join("closed", "ada", Role::Owner).await;
        setup.set_active("closed", false).await;

        let before = setup.tables().await;
        for (method, path) in [
            ("GET", "/api/projects"),
            ("POST", "/api/projects"),
            ("POST", "/api/projects/bulk"),
            ("GET", "/api/projects/x"),
            ("PATCH", "/api/projects/x"),
            ("DELETE", "/api/projects/x"),
            ("GET", "/api/organizations/current"),
        ] {
            let ask = |slug| ada.raw(method, path).organization(slug).send();
            let unknown = ask("unknown").await.expect(404);
            assert_eq!(unknown.problem_code(), "organization_not_found");
            assert_problem(&unknown);
            for slug in ["foreign", "closed", "joined"] {
                assert_same(&ask(slug).await, &unknown);
            }
        }
        setup.assert_unchanged(&before).await;
    }

    async fn the_header_is_ignored_where_no_organization_is_needed(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        for path in ["/api/auth/me", "/api/auth/sessions", "/api/organizations"] {
            let plain = ada.get(path).send().await.expect(200);
            let named = ada.get(path).organization("unknown").send().await;
            assert_same(&named, &plain);
        }
        let login = json!({"email": "ada@example.com", "password": PASSWORD});
        let call = setup.anonymous().post("/api/auth/login", login).organization("unknown");
        call.send().await.expect(200);
    }

    async fn a_header_that_contradicts_the_path_is_a_conflict(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        setup.organization(&ada, "beta").await;
        let grace = setup.user("grace").await;
        let foreign = setup.organization(&grace, "foreign").await;

        let before = setup.tables().await;
        let routes = api_routes();
        let routes = routes.iter().filter(|route| route.path.contains("{organization_id}"));
        for route in routes {
            let ask = |id, slug| {
                let call = ada.raw(route.method.as_str(), &filled(route, id, RANDOM_ID));
                call.organization(slug).send()
            };
            // The caller's own, a foreign and an unknown one: each differs from the path's.
            for slug in ["beta", "foreign", "unknown"] {
                let answer = ask(&alpha, slug).await.expect(400);
                assert_eq!(answer.problem_code(), "organization_context_conflict");
            }
            // A foreign id and an unknown id in the path get the same response.
            for slug in ["alpha", "foreign", "unknown"] {
                let unknown = ask(RANDOM_ID, slug).await.expect(404);
                assert_same(&ask(&foreign, slug).await, &unknown);
            }
        }
        setup.assert_unchanged(&before).await;
        let path = format!("/api/organizations/{alpha}");
        ada.get(&path).organization("alpha").send().await.expect(200);
    }
}
