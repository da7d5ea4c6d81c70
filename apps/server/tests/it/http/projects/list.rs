//! Filters, search and order of the list.

use serde_json::json;
use tenantry_testkit::{ApiClient, each_database};

use crate::http::support::{Setup, items};

async fn names(client: &ApiClient, query: &str) -> Vec<String> {
    let list = client.get(&format!("/api/projects?{query}")).send().await;
    items(&list.expect(200), "name")
}

each_database! {
    async fn the_newest_come_first_unless_sorted_by_name(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        for name in ["banana", "Zebra", "apple", "Cherry", "apple"] {
            setup.project(&ada, "alpha", name).await;
        }
        let newest = ["apple", "Cherry", "apple", "Zebra", "banana"];
        assert_eq!(names(&ada, "").await, newest);
        assert_eq!(names(&ada, "sort=-created_at").await, newest);
        let by_name = ["apple", "apple", "banana", "Cherry", "Zebra"];
        assert_eq!(names(&ada, "sort=name").await, by_name);
        // A renamed project moves.
        let list = ada.get("/api/projects?sort=name").send().await.expect(200);
        let path = format!("/api/projects/{}", items(&list, "id")[0]);
        ada.patch(&path, json!({"name": "zoo"})).send().await.expect(200);
        assert_eq!(names(&ada, "sort=name").await, ["apple", "banana", "Cherry", "Zebra", "zoo"]);
    }

    async fn a_status_and_a_search_filter_the_list(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        for (name, status) in [
            ("Mars rover", "active"), ("Mars orbiter", "draft"), ("\u{c4}pfel 100%", "archived"),
            ("snake_case", "active"), ("back\\slash", "draft"),
        ] {
            let body = json!({"name": name, "status": status});
            ada.post("/api/projects", body).send().await.expect(201);
        }
        assert_eq!(names(&ada, "status=active").await, ["snake_case", "Mars rover"]);
        assert_eq!(names(&ada, "status=archived").await, ["\u{c4}pfel 100%"]);
        assert_eq!(names(&ada, "q=mars").await, ["Mars orbiter", "Mars rover"]);
        assert_eq!(names(&ada, "q=MARS+R").await, ["Mars rover"]);
        assert_eq!(names(&ada, "q=mars&status=draft").await, ["Mars orbiter"]);
        assert_eq!(names(&ada, "q=%c3%a4PFEL").await, ["\u{c4}pfel 100%"]);
        assert_eq!(names(&ada, "q=A%CC%88pfel").await, ["\u{c4}pfel 100%"], "composed");
        assert_eq!(names(&ada, "q=venus").await, [""; 0]);
        // Pattern characters are literal.
        assert_eq!(names(&ada, "q=100%25").await, ["\u{c4}pfel 100%"]);
        assert_eq!(names(&ada, "q=%25").await, ["\u{c4}pfel 100%"]);
        assert_eq!(names(&ada, "q=_").await, ["snake_case"]);
        assert_eq!(names(&ada, "q=%5C").await, ["back\\slash"]);
        assert_eq!(names(&ada, "q='").await, [""; 0]);
        assert_eq!(names(&ada, "q=mars*").await, [""; 0]);
    }

    async fn an_invalid_query_is_rejected(db: TestDatabase) {
        let setup = Setup::new(db).await;
        let ada = setup.user("ada").await;
        setup.organization(&ada, "alpha").await;
        let long = format!("q={}", "x".repeat(256));
        for bad in [
            "limit=0", "limit=101", "limit=-1", "limit=ten", "limit=", "limit=1.0", "limit=01",
            "limit=99999999999999999999", "status=done", "status=", "status=Draft", "sort=created_at",
            "sort=-name", "sort=", "sort=name,id", "q=", "q=+", "q=%0a", &long,
        ] {
            let answer = ada.get(&format!("/api/projects?{bad}")).send().await.expect(422);
            assert_eq!(answer.problem_code(), "validation_failed", "{bad}");
            let field = bad.split('=').next().expect("a name");
            assert_eq!(answer.json()["errors"][0]["pointer"], format!("/{field}"));
        }
        for (bad, code) in [
            ("page=2", "unknown_parameter"), ("Limit=2", "unknown_parameter"),
            ("limit=1&x", "unknown_parameter"), ("limit=1&limit=1", "repeated_parameter"),
            ("status=draft&status=active", "repeated_parameter"), ("q=%00", "malformed_query"),
            ("l%69mit=1&limit=2", "repeated_parameter"), ("q=%ff", "malformed_query"),
            ("q=%", "malformed_query"), ("q=%zz", "malformed_query"),
        ] {
            let answer = ada.get(&format!("/api/projects?{bad}")).send().await.expect(400);
            assert_eq!(answer.problem_code(), code, "{bad}");
        }
        assert!(names(&ada, "limit=100&sort=name&status=draft&q=x").await.is_empty());
    }
}
