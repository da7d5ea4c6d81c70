//! The members of an organization.

use serde_json::{Value, json};
use tenantry_core::access::Role;
use tenantry_testkit::each_database;

use crate::http::support::{Setup, assert_same, items, text};

each_database! {
    async fn members_are_listed_with_their_details(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let victor = setup.member("alpha", "victor", Role::Viewer).await;
        let grace = setup.user("grace").await;
        setup.organization(&grace, "foreign").await;

        let path = format!("/api/organizations/{alpha}/members");
        let list = victor.get(&path).send().await.expect(200);
        assert_eq!(items(&list, "user_email"), ["victor@example.com", "ada@example.com"]);
        assert_eq!(items(&list, "role"), ["viewer", "owner"]);
        let one = list.json()["items"][0].clone();
        let me = victor.get("/api/auth/me").send().await.expect(200).json();
        let expected = json!({
            "id": one["id"], "user": me["id"], "user_email": "victor@example.com",
            "user_email_verified": false, "user_has_second_factor": null, "user_name": "victor", "is_active": true, "role": "viewer", "invited_by": null,
            "invited_by_name": null, "invited_at": null,
            "joined_at": one["joined_at"],
        });
        assert_eq!(one, expected);
        assert!(text(&one["joined_at"]).ends_with('Z'), "{one}");
        // Names are current.
        victor.patch("/api/auth/me", json!({"name": "Vic"})).send().await.expect(200);
        let list = ada.get(&path).send().await.expect(200);
        assert_eq!(items(&list, "user_name"), ["Vic", "ada"]);
    }

    async fn members_are_paginated(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        let beta = setup.organization(&ada, "beta").await;
        for name in ["bob", "carol", "dan", "eve"] {
            setup.member("alpha", name, Role::Member).await;
        }
        let path = format!("/api/organizations/{alpha}/members");
        let all = items(&ada.get(&path).send().await.expect(200), "user_name");
        assert_eq!(all, ["eve", "dan", "carol", "bob", "ada"]);

        let mut seen = Vec::new();
        let mut query = "limit=2".to_owned();
        loop {
            let page = ada.get(&format!("{path}?{query}")).send().await.expect(200);
            seen.extend(items(&page, "user_name"));
            let Value::String(cursor) = &page.json()["next_cursor"] else {
                break;
            };
            query = format!("limit=2&cursor={cursor}");
            let elsewhere = format!("/api/organizations/{beta}/members?{query}");
            let foreign = ada.get(&elsewhere).send().await.expect(400);
            assert_eq!(foreign.problem_code(), "invalid_cursor");
        }
        assert_eq!(seen, all);

        for bad in ["limit=0", "limit=101", "limit=x", "limit=-1", "limit=1.5", "limit="] {
            ada.get(&format!("{path}?{bad}")).send().await.expect(422);
        }
        for bad in ["limit=1&limit=1", "page=2", "limit=%zz"] {
            ada.get(&format!("{path}?{bad}")).send().await.expect(400);
        }
    }

    async fn members_are_selected_by_text_role_and_state(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        setup.member("alpha", "adam", Role::Viewer).await;
        setup.member("alpha", "eve", Role::Viewer).await;
        setup.database.execute("UPDATE users SET is_active = FALSE WHERE name = 'eve'").await;
        let path = format!("/api/organizations/{alpha}/members");
        let found = async |query: &str| {
            let page = ada.get(&format!("{path}?{query}")).send().await.expect(200);
            let mut names = items(&page, "user_name");
            names.sort();
            names.join(" ")
        };
        assert_eq!(found("q=ADA").await, "ada adam");
        assert_eq!(found("q=ADA&role=viewer").await, "adam");
        assert_eq!(found("is_active=false").await, "eve");
        assert_eq!(found("is_active=true&role=viewer").await, "adam");
        assert_eq!(found("q=%25").await, "");
        let foreign = setup.organization(&ada, "beta").await;
        let page = ada.get(&format!("/api/organizations/{foreign}/members?q=adam"));
        assert!(items(&page.send().await.expect(200), "user_name").is_empty());
        for bad in ["q=", "q=%20", "role=king", "is_active=yes"] {
            ada.get(&format!("{path}?{bad}")).send().await.expect(422);
        }
        let own = async |query: &str| {
            let page = ada.get(&format!("/api/organizations?{query}")).send().await.expect(200);
            items(&page, "slug").join(" ")
        };
        assert_eq!((own("q=ALP").await, own("q=a").await), ("alpha".to_owned(), "alpha beta".to_owned()));
        ada.get("/api/organizations?q=").send().await.expect(422);
        ada.get("/api/organizations?name=a").send().await.expect(400);
    }

    async fn foreign_members_are_not_listed(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let grace = setup.user("grace").await;
        let foreign = setup.organization(&grace, "foreign").await;
        let members = |id: &str| ada.get(&format!("/api/organizations/{id}/members")).send();
        let refused = members(&foreign).await.expect(404);
        assert_same(&members(crate::http::support::RANDOM_ID).await, &refused);
        // Neither the header nor an invalid query changes the response.
        let named = ada.get(&format!("/api/organizations/{foreign}/members?limit=0"));
        assert_same(&named.organization("alpha").send().await, &refused);
    }
}
