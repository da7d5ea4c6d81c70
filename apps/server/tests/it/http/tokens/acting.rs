//! Requests with a token: in its organization only, with its user's role.

use serde_json::json;
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use super::{token, with};
use crate::http::support::{Setup, assert_problem, assert_same, items, text};

each_database! {
    async fn a_token_acts_in_its_organization_whatever_the_default_is(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        let made = token(&ada, &beta, "CI").await;
        let anonymous = setup.anonymous();
        let current = || with(&made, anonymous.get("/api/organizations/current"));

        for answer in [current().send().await, current().organization("beta").send().await] {
            assert_eq!(answer.expect(200).json()["slug"], "beta");
        }
        let conflict = current().organization("alpha").send().await.expect(400);
        assert_eq!(conflict.problem_code(), "organization_context_conflict");
        let unknown = current().organization("no-such-organization").send().await.expect(400);
        assert_same(&conflict, &unknown);

        // The token's user owns alpha, but the token has no access there.
        let foreign = with(&made, anonymous.get(&format!("/api/organizations/{alpha}"))).send().await;
        assert_eq!(foreign.expect(404).problem_code(), "organization_not_found");
        let own = with(&made, anonymous.get(&format!("/api/organizations/{beta}"))).send().await;
        assert_eq!(own.expect(200).json()["role"], "owner");

        // A write needs no origin check: a browser does not send a token by itself.
        let call = with(&made, anonymous.post("/api/projects", json!({"name": "Rocket"})));
        let project = call.header("sec-fetch-site", "cross-site").send().await.expect(201);
        let path = format!("/api/projects/{}", text(&project.json()["id"]));
        ada.get(&path).organization("beta").send().await.expect(200);
        ada.get(&path).organization("alpha").send().await.expect(404);
    }

    async fn a_token_sees_only_its_organization(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        let made = token(&ada, &beta, "CI").await;
        setup.database.execute("UPDATE users SET is_staff = TRUE, is_superuser = TRUE").await;
        let anonymous = setup.anonymous();

        let list = with(&made, anonymous.get("/api/organizations")).send().await.expect(200);
        assert_eq!(items(&list, "slug"), ["beta"]);
        let me = with(&made, anonymous.get("/api/auth/me")).send().await.expect(200).json();
        assert_eq!(me["email"], "ada@example.com");
        assert_eq!(me["memberships"].as_array().map(Vec::len), Some(1));
        assert_eq!(me["memberships"][0]["organization"]["slug"], "beta");
        assert_eq!(me["current_organization"]["slug"], "beta");
        // A token never has operator rights.
        assert_eq!(me["is_superuser"], false);
        let me = ada.get("/api/auth/me").send().await.expect(200).json();
        assert_eq!(me["is_superuser"], true);
    }

    async fn a_token_has_its_users_current_role(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let grace = setup.user("grace").await;
        let alpha = setup.organization(&grace, "alpha").await;
        let ada = setup.member("alpha", "ada", Role::Admin).await;
        let made = token(&ada, &alpha, "CI").await;
        let anonymous = setup.anonymous();
        let path = format!("/api/organizations/{alpha}");
        let rename = || with(&made, anonymous.patch(&path, json!({"name": "New"}))).send();
        let create = || with(&made, anonymous.post("/api/projects", json!({"name": "New"}))).send();
        for (role, renamed, created) in [
            ("viewer", 403, 403), ("member", 403, 201), ("admin", 200, 201), ("owner", 200, 201),
        ] {
            let sql = format!(
                "UPDATE organization_members SET role = '{role}'
                 WHERE user_id = (SELECT id FROM users WHERE email = 'ada@example.com')"
            );
            setup.database.execute(&sql).await;
            rename().await.expect(renamed);
            create().await.expect(created);
        }
    }

    async fn every_invalid_token_gets_the_same_response(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let made = token(&ada, &alpha, "CI").await;
        let good = text(&made["token"]);
        let dead = token(&ada, &alpha, "dead").await;
        ada.delete(&format!("/api/tokens/{}", text(&dead["id"]))).send().await.expect(204);
        let anonymous = setup.anonymous();
        let ask = async |header: &str| {
            anonymous.get("/api/auth/me").header("authorization", header).send().await
        };
        ask(&format!("bearer  {good} ")).await.expect(200);
        let before = setup.tables().await;
        let first = ask("Bearer tnt_made-up").await.expect(401);
        assert_eq!(first.problem_code(), "invalid_credential");
        assert_eq!(first.header("www-authenticate"), Some("Bearer realm=\"tenantry\""));
        assert_problem(&first);
        for header in [
            format!("Basic {good}"),
            format!("Token {good}"),
            format!("Bearer{good}"),
            format!("Bearer {good}0"),
            format!("Bearer {good} {good}"),
            format!("Bearer {}", good.to_uppercase()),
            format!("Bearer {}", text(&dead["token"])),
            format!("Bearer {}", &good[4..]),
            good.clone(),
            "Bearer".to_owned(),
            String::new(),
        ] {
            assert_same(&first, &ask(&header).await);
        }
        // A token is not a session key.
        let cookie = anonymous.get("/api/auth/me").header("cookie", format!("tenantry_session={good}"));
        cookie.send().await.expect(401);
        setup.assert_unchanged(&before).await;
    }
}
