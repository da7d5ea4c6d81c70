//! A leak would be detected.

use actix_web::http::Method;
use tenantry::app;
use tenantry_testkit::each_database;

use super::{
    canaries::Canaries,
    fixture::{Caller, Fixture},
    rows::Row,
    writes::{WriteDetector, written},
};

fn caller<'c>(fixture: &'c Fixture, kind: &str) -> &'c Caller {
    let found = fixture.callers.iter().find(|caller| caller.kind == kind);
    found.expect("a known caller")
}

each_database! {
    async fn a_foreign_text_in_an_own_row_is_detected(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let canaries = Canaries::of(&fixture, &fixture.setup.tables().await);
        let viewer = caller(&fixture, "viewer");
        let neighbour = caller(&fixture, "neighbour");
        let list = || viewer.client.get("/api/projects").send();

        let answer = list().await.expect(200);
        assert_eq!(canaries.leaked(&answer, viewer, &fixture, false), [""; 0]);
        // Readable in the viewer's organization, foreign to others and to former members.
        for reader in ["neighbour", "removed", "superuser", "suspended", "anonymous"] {
            let leaked = canaries.leaked(&answer, caller(&fixture, reader), &fixture, false);
            assert!(!leaked.is_empty(), "{reader} may read it");
        }

        let planted = [
            ("name", fixture.organizations[neighbour.organization].slug.to_uppercase()),
            ("description", neighbour.email()),
            ("description", neighbour.session.clone()),
        ];
        for (column, text) in planted {
            let sql = format!("UPDATE projects SET {column} = 'Of {text}'");
            fixture.setup.database.execute(&sql).await;
            let leaked = canaries.leaked(&list().await.expect(200), viewer, &fixture, false);
            assert!(!leaked.is_empty(), "{text} was not detected");
        }
    }

    async fn a_text_column_without_a_canary_is_reported(db: TestDatabase) {
        db.execute("ALTER TABLE projects ADD COLUMN note text").await;
        let fixture = Fixture::new(db).await;
        let tables = fixture.setup.tables().await;
        let canaries = Canaries::of(&fixture, &tables);
        let gaps = canaries.gaps(&fixture, &tables).await;
        assert_eq!(gaps, ["projects.note holds a value without a canary"]);

        let home = &fixture.organizations[caller(&fixture, "owner").organization];
        for table in ["projects", "organization_members"] {
            fixture.setup.database.execute(&format!("DELETE FROM {table}
                WHERE organization_id = (SELECT id FROM organizations WHERE slug = '{}')", home.slug)).await;
        }
        let gaps = canaries.gaps(&fixture, &fixture.setup.tables().await).await;
        let gap = "projects.description has no row of some organization";
        assert!(gaps.contains(&gap.to_owned()), "{gaps:?}");
    }

    async fn a_written_foreign_row_is_detected(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let owner = caller(&fixture, "owner");
        let at_home = &fixture.organizations[owner.organization].slug;
        let away = &fixture.organizations[caller(&fixture, "neighbour").organization].slug;
        let writes = [
            (format!("UPDATE projects SET status = 'archived' WHERE name = '{at_home}'"), false),
            (format!("UPDATE projects SET status = 'archived' WHERE name = '{away}'"), true),
            (format!("UPDATE organizations SET name = 'Other' WHERE slug = '{away}'"), true),
            (format!("UPDATE users SET name = 'Other' WHERE name = '{}'", owner.marker), false),
            ("UPDATE users SET name = 'Other' WHERE is_superuser".to_owned(), true),
            (format!("DELETE FROM projects WHERE name = '{away}'"), true),
        ];
        for (sql, foreign) in writes {
            let before = fixture.setup.tables().await;
            assert_eq!(fixture.setup.database.execute(&sql).await, 1, "{sql}");
            let written = written(&before, &fixture.setup.tables().await);
            assert!(!written.is_empty(), "{sql}");
            for row in written {
                assert_eq!(row.is_foreign_to(owner, &fixture), foreign, "{sql}");
            }
        }
    }

    async fn a_write_of_the_server_is_detected(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let database = &fixture.setup.database;
        let mut detector = WriteDetector::watch(database).await;
        assert!(detector.written(database).await.is_empty());
        for number in 0..3 {
            fixture.new_resource(caller(&fixture, "owner"), "/api/projects").await;
            assert!(!detector.written(database).await.is_empty(), "write {number}");
            assert!(detector.written(database).await.is_empty(), "twice");
        }
    }
}

#[test]
fn a_route_without_its_sample_is_reported() {
    let mut routes = app::routes().infos();
    routes.retain(|route| route.path == "/api/projects" && route.method == Method::POST);
    let [route] = &mut routes[..] else {
        panic!("one route")
    };
    Row::of(route).map(drop).expect("as it is");
    let sample = std::mem::take(&mut route.sample);
    let failure = Row::of(route).map(drop).expect_err("no sample");
    assert!(failure.contains("add `.sample("), "{failure}");
    route.sample.body = sample.body;
    let failure = Row::of(route).map(drop).expect_err("no events");
    assert!(failure.contains("add `.records("), "{failure}");
}
