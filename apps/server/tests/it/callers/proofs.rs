//! That a leak would be seen.

use actix_web::http::Method;
use tenantry::app;
use tenantry_http::{Access, RouteInfo};
use tenantry_testkit::each_database;

use super::{
    canaries::Canaries,
    cast::{Caller, Cast},
    rows::Row,
    written::{Watch, written},
};

fn caller<'c>(cast: &'c Cast, kind: &str) -> &'c Caller {
    let found = cast.callers.iter().find(|caller| caller.kind == kind);
    found.expect("in the cast")
}

each_database! {
    async fn a_foreign_text_in_an_own_row_is_seen(db: TestDatabase) {
        let cast = Cast::new(db).await;
        let canaries = Canaries::of(&cast, &cast.setup.tables().await);
        let viewer = caller(&cast, "viewer");
        let neighbour = caller(&cast, "neighbour");
        let list = || viewer.client.get("/api/projects").send();

        let answer = list().await.expect(200);
        assert_eq!(canaries.leaked(&answer, viewer, &cast, false), [""; 0]);
        // What his organization reads is foreign to another one, and to somebody who was in it.
        for reader in ["neighbour", "removed", "superuser", "suspended", "anonymous"] {
            let leaked = canaries.leaked(&answer, caller(&cast, reader), &cast, false);
            assert!(!leaked.is_empty(), "{reader} may read it");
        }

        let planted = [
            ("name", cast.places[neighbour.place].slug.to_uppercase()),
            ("description", neighbour.email()),
            ("description", neighbour.session.clone()),
        ];
        for (column, text) in planted {
            let sql = format!("UPDATE projects SET {column} = 'Of {text}'");
            cast.setup.database.execute(&sql).await;
            let leaked = canaries.leaked(&list().await.expect(200), viewer, &cast, false);
            assert!(!leaked.is_empty(), "{text} was not seen");
        }
    }

    async fn a_text_column_without_a_canary_is_named(db: TestDatabase) {
        db.execute("ALTER TABLE projects ADD COLUMN note text").await;
        let cast = Cast::new(db).await;
        let tables = cast.setup.tables().await;
        let canaries = Canaries::of(&cast, &tables);
        let gaps = canaries.gaps(&cast, &tables).await;
        assert_eq!(gaps, ["projects.note holds a value without a canary"]);

        let home = &cast.places[caller(&cast, "owner").place];
        for table in ["projects", "organization_members"] {
            cast.setup.database.execute(&format!("DELETE FROM {table}
                WHERE organization_id = (SELECT id FROM organizations WHERE slug = '{}')", home.slug)).await;
        }
        let gaps = canaries.gaps(&cast, &cast.setup.tables().await).await;
        let gap = "projects.description holds nothing of some organization";
        assert!(gaps.contains(&gap.to_owned()), "{gaps:?}");
    }

    async fn a_written_foreign_row_is_seen(db: TestDatabase) {
        let cast = Cast::new(db).await;
        let owner = caller(&cast, "owner");
        let at_home = &cast.places[owner.place].slug;
        let away = &cast.places[caller(&cast, "neighbour").place].slug;
        let writes = [
            (format!("UPDATE projects SET status = 'archived' WHERE name = '{at_home}'"), false),
            (format!("UPDATE projects SET status = 'archived' WHERE name = '{away}'"), true),
            (format!("UPDATE organizations SET name = 'Other' WHERE slug = '{away}'"), true),
            (format!("UPDATE users SET name = 'Other' WHERE name = '{}'", owner.word), false),
            ("UPDATE users SET name = 'Other' WHERE is_superuser".to_owned(), true),
            (format!("DELETE FROM projects WHERE name = '{away}'"), true),
        ];
        for (sql, foreign) in writes {
            let before = cast.setup.tables().await;
            assert_eq!(cast.setup.database.execute(&sql).await, 1, "{sql}");
            let written = written(&before, &cast.setup.tables().await);
            assert!(!written.is_empty(), "{sql}");
            for row in written {
                assert_eq!(row.is_foreign_to(owner, &cast), foreign, "{sql}");
            }
        }
    }

    async fn a_write_of_the_server_is_seen(db: TestDatabase) {
        let cast = Cast::new(db).await;
        let database = &cast.setup.database;
        let mut watch = Watch::new(database).await;
        assert!(watch.written(database).await.is_empty());
        for number in 0..3 {
            cast.new_project(caller(&cast, "owner")).await;
            assert!(!watch.written(database).await.is_empty(), "write {number}");
            assert!(watch.written(database).await.is_empty(), "twice");
        }
    }
}

#[test]
fn a_route_that_the_table_does_not_know_is_named() {
    let route = RouteInfo {
        method: Method::POST,
        path: "/api/rockets/{id}/launch",
        access: Access::user(),
        is_operation: true,
    };
    let mistake = Row::of(&route).map(drop).expect_err("no such row");
    assert!(
        mistake.starts_with("POST /api/rockets/{id}/launch is not in the table"),
        "{mistake}"
    );
    assert!(mistake.contains("callers/rows.rs"), "{mistake}");
}

#[test]
fn a_route_that_was_opened_to_others_is_named() {
    let mut routes = app::routes().infos();
    routes.retain(|route| route.path == "/api/projects");
    for mut route in routes {
        Row::of(&route).map(drop).expect("as it is");
        route.access = Access::anyone();
        let mistake = Row::of(&route).map(drop).expect_err("opened");
        assert!(
            mistake.contains("/api/projects is open to `anyone`"),
            "{mistake}"
        );
    }
}
