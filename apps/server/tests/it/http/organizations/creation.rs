//! Creating an organization.

use serde_json::{Value, json};
use tenantry_testkit::{Answer, ApiClient, each_database};

use crate::http::support::{Setup, text};

async fn make(client: &ApiClient, body: Value) -> Answer {
    client.post("/api/organizations", body).send().await
}

async fn slug_of(client: &ApiClient, name: &str) -> String {
    let made = make(client, json!({"name": name})).await.expect(201);
    text(&made.json()["slug"])
}

each_database! {
    async fn the_creator_becomes_the_owner(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let body = json!({"name": "  Acme  Ltd ", "slug": "acme"});
        let made = make(&ada, body).await.expect(201).json();
        let expected = json!({
            "id": made["id"], "name": "Acme  Ltd", "slug": "acme", "role": "owner",
            "created_at": made["created_at"],
        });
        assert_eq!(made, expected);
        assert!(text(&made["created_at"]).ends_with('Z'), "{made}");
        let path = format!("/api/organizations/{}", text(&made["id"]));
        assert_eq!(ada.get(&path).send().await.expect(200).json(), made);
    }

    async fn the_slug_is_derived_from_the_name(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        assert_eq!(slug_of(&ada, "Acme & Sons, Ltd.").await, "acme-sons-ltd");
        assert_eq!(slug_of(&ada, "B\u{fc}cher \u{441}\u{43e}\u{44e}\u{437}").await, "bucher-soiuz");
        // Taken, so it gets a suffix.
        let second = slug_of(&ada, "ACME sons ltd").await;
        let suffix = second.strip_prefix("acme-sons-ltd-").expect("the same prefix");
        assert_eq!(suffix.len(), 5, "{second}");
        let third = slug_of(&ada, "acme sons ltd").await;
        assert_ne!(third, second);
        // A reserved word counts as taken.
        let reserved = slug_of(&ada, "Admin").await;
        assert!(reserved.starts_with("admin-"), "{reserved}");
        // A name without usable characters.
        let nothing = slug_of(&ada, "!!! ???").await;
        assert!(nothing.starts_with("org-") && nothing.len() > 7, "{nothing}");
        let long = slug_of(&ada, &"long name ".repeat(25)).await;
        assert!(long.len() <= 63 && long.starts_with("long-name-"), "{long}");
        let again = slug_of(&ada, &"long name ".repeat(25)).await;
        assert!(again.len() <= 63 && again != long, "{again}");
    }

    async fn a_given_slug_is_used_as_is_or_rejected(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let grace = setup.user("grace").await;
        make(&grace, json!({"name": "Acme", "slug": "acme"})).await.expect(201);
        make(&grace, json!({"name": "Closed", "slug": "closed"})).await.expect(201);
        setup.set_active("closed", false).await;

        let before = setup.tables().await;
        for taken in ["acme", "closed"] {
            let answer = make(&ada, json!({"name": "Other", "slug": taken})).await.expect(409);
            assert_eq!(answer.problem_code(), "slug_taken");
        }
        for bad in ["", "a", "-acme", "acme-", "Acme", "ac me", "admin", "b\u{fc}cher", &"a".repeat(64)] {
            let answer = make(&ada, json!({"name": "Other", "slug": bad})).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["pointer"], "/slug", "{bad}");
        }
        for bad in ["", " ", "a\nb", &"x".repeat(256)] {
            let answer = make(&ada, json!({"name": bad})).await.expect(422);
            assert_eq!(answer.json()["errors"][0]["pointer"], "/name", "{bad:?}");
        }
        for field in ["id", "role", "is_active", "owner", "created_at"] {
            let answer = make(&ada, json!({"name": "Other", field: "x"})).await.expect(400);
            assert_eq!(answer.problem_code(), "unknown_field", "{field}");
        }
        setup.assert_unchanged(&before).await;
        for good in ["a1", "9-lives", &"a".repeat(63)] {
            let made = make(&ada, json!({"name": "Other", "slug": good})).await.expect(201);
            assert_eq!(made.json()["slug"], good);
        }
    }

    async fn a_failed_creation_writes_nothing(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        make(&ada, json!({"name": "Acme", "slug": "acme"})).await.expect(201);
        let count = "SELECT (SELECT count(*) FROM organizations)
                     + (SELECT count(*) FROM organization_members) AS n";
        assert_eq!(setup.database.number(count).await, 2);
        make(&ada, json!({"name": "Acme", "slug": "acme"})).await.expect(409);
        assert_eq!(setup.database.number(count).await, 2);
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["memberships"].as_array().map(Vec::len), Some(1));
    }

    async fn of_two_concurrent_creations_with_one_slug_one_succeeds(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let grace = setup.user("grace").await;
        let body = || json!({"name": "Acme", "slug": "acme"});
        let (one, other) = tokio::join!(make(&ada, body()), make(&grace, body()));
        let mut outcomes = [one.status, other.status];
        outcomes.sort_unstable();
        assert_eq!(outcomes, [201, 409]);
        // By name only, both get a slug.
        let body = || json!({"name": "Rocket"});
        let (one, other) = tokio::join!(make(&ada, body()), make(&grace, body()));
        assert_ne!(one.expect(201).json()["slug"], other.expect(201).json()["slug"]);
    }

    async fn the_number_of_organizations_of_an_owner_is_limited(db: TestDatabase) {
        let limit = [("TENANTRY__ORGANIZATIONS__OWNED_PER_PERSON", "1")];
        let setup = Setup::with_env(db, &limit).await;
        let ada = setup.user("ada").await;
        make(&ada, json!({"name": "Acme"})).await.expect(201);
        let before = setup.tables().await;
        let refused = make(&ada, json!({"name": "Other"})).await.expect(409);
        assert_eq!(refused.problem_code(), "organization_limit_reached");
        setup.assert_unchanged(&before).await;
    }
}
