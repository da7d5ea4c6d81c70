//! Pagination and cursors.

use serde_json::json;
use tenantry_testkit::{ApiClient, each_database};

use crate::http::support::{Setup, items};

/// The ids of all pages of a list, and the cursors between them.
async fn walk(client: &ApiClient, query: &str) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut cursors) = (Vec::new(), Vec::<String>::new());
    loop {
        let cursor = cursors.last().map(|cursor| format!("&cursor={cursor}"));
        let path = format!("/api/projects?{query}{}", cursor.unwrap_or_default());
        let page = client.get(&path).send().await.expect(200);
        let found = items(&page, "id");
        assert!(!found.is_empty(), "a cursor led to an empty page");
        ids.extend(found);
        match page.json()["next_cursor"].as_str() {
            Some(cursor) => cursors.push(cursor.to_owned()),
            None => return (ids, cursors),
        }
    }
}

each_database! {
    async fn the_pages_together_are_the_list(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        // Equal names and timestamps: only the id differs.
        for name in ["b", "A", "a", "B", "c", "a", "C"] {
            setup.project(&ada, "alpha", name).await;
        }
        let same_time = "UPDATE projects SET created_at = '2026-01-01T00:00:00+00:00'
                         WHERE name_key <> 'c'";
        setup.database.execute(same_time).await;
        for query in ["", "sort=name", "q=a", "status=draft&sort=name"] {
            let list = ada.get(&format!("/api/projects?{query}")).send().await.expect(200);
            let all = items(&list, "id");
            for limit in 1..=8 {
                let (seen, cursors) = walk(&ada, &format!("{query}&limit={limit}")).await;
                assert_eq!(seen, all, "{query} by {limit}");
                assert_eq!(cursors.len(), (all.len() - 1) / limit, "{query} by {limit}");
            }
        }
    }

    async fn a_page_holds_20_and_at_most_100(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        for number in 0..21 {
            setup.project(&ada, "alpha", &number.to_string()).await;
        }
        let count = async |query: &str| {
            let list = ada.get(&format!("/api/projects{query}")).send().await.expect(200);
            items(&list, "id").len()
        };
        assert_eq!(count("").await, 20);
        assert_eq!(count("?limit=100").await, 21);
        assert_eq!(count("?limit=1").await, 1);
    }

    async fn a_page_of_long_descriptions_is_bounded_in_bytes(db: TestDatabase) {
        const MEGABYTE: usize = 1024 * 1024;
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        // The longest description, of characters that take six bytes in JSON.
        let description = "\u{1}".repeat(10_000);
        for number in 0..40 {
            let new = json!({"name": number.to_string(), "description": description});
            ada.post("/api/projects", new).send().await.expect(201);
        }
        let (mut path, mut seen, mut pages) = ("/api/projects?limit=100".to_owned(), Vec::new(), 0);
        loop {
            let page = ada.get(&path).send().await.expect(200);
            let length: usize = page.header("content-length").expect("a length").parse().expect("a number");
            assert!(length < MEGABYTE + 64 * 1024, "{length}");
            seen.extend(items(&page, "id"));
            pages += 1;
            match page.json()["next_cursor"].as_str() {
                Some(cursor) => path = format!("/api/projects?limit=100&cursor={cursor}"),
                None => break,
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!((seen.len(), pages), (40, 3));
    }

    async fn concurrent_inserts_and_deletes_do_not_shift_pages(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        for name in ["b", "d", "f", "h"] {
            setup.project(&ada, "alpha", name).await;
        }
        let first = ada.get("/api/projects?sort=name&limit=2").send().await.expect(200);
        let cursor = first.json()["next_cursor"].as_str().expect("more").to_owned();
        for name in ["a", "c"] {
            setup.project(&ada, "alpha", name).await;
        }
        // The project that the cursor points at.
        let path = format!("/api/projects/{}", items(&first, "id")[1]);
        ada.delete(&path).send().await.expect(204);
        let path = format!("/api/projects?sort=name&limit=2&cursor={cursor}");
        let second = ada.get(&path).send().await.expect(200);
        assert_eq!(items(&second, "name"), ["f", "h"]);
    }

    async fn a_cursor_is_valid_for_its_own_list_only(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        let alpha = setup.organization(&ada, "alpha").await;
        setup.organization(&ada, "beta").await;
        for slug in ["alpha", "beta"] {
            for name in ["a", "b", "c"] {
                setup.project(&ada, slug, name).await;
            }
        }
        let page = ada.get("/api/projects?limit=1").send().await.expect(200);
        let cursor = page.json()["next_cursor"].as_str().expect("more").to_owned();
        let with = |path: &str, cursor: &str| {
            let glue = if path.contains('?') { '&' } else { '?' };
            ada.get(&format!("{path}{glue}cursor={cursor}"))
        };
        with("/api/projects", &cursor).send().await.expect(200);

        let members = format!("/api/organizations/{alpha}/members");
        for call in [
            with("/api/projects", &cursor).organization("beta"),
            with("/api/projects?sort=name", &cursor),
            with(&members, &cursor),
            with("/api/organizations", &cursor),
            with("/api/auth/sessions", &cursor),
        ] {
            let answer = call.send().await.expect(400);
            assert_eq!(answer.problem_code(), "invalid_cursor", "{answer}");
        }
        for position in 0..cursor.len() {
            let mut altered = cursor.clone();
            let other = if altered.as_bytes()[position] == b'A' { "B" } else { "A" };
            altered.replace_range(position..=position, other);
            let answer = with("/api/projects", &altered).send().await.expect(400);
            assert_eq!(answer.problem_code(), "invalid_cursor", "{position}");
        }
        let (longer, long) = (format!("{cursor}AAAA"), "A".repeat(5_000));
        for bad in ["", "x", "%20", "e30", "%F0%9F%98%80", &cursor[1..], &longer, &long] {
            let answer = with("/api/projects", bad).send().await.expect(400);
            assert_eq!(answer.problem_code(), "invalid_cursor", "{bad}");
        }
    }

    async fn a_cursor_error_reveals_nothing(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let answer = ada.get("/api/projects?cursor=e30").send().await.expect(400);
        let expected = json!({
            "type": "urn:tenantry:problem:invalid_cursor", "title": "Bad Request", "status": 400,
            "detail": "the cursor is not one that this list gave out", "code": "invalid_cursor",
            "request_id": answer.header("x-request-id"),
        });
        assert_eq!(answer.json(), expected);
    }
}
