//! Values are stored unchanged.

use tenantry_projects::{NewProject, ProjectStatus};
use tenantry_testkit::each_database;

use crate::fixture::Fixture;

each_database! {
    async fn a_project_is_read_as_it_was_written(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let statuses = [ProjectStatus::Draft, ProjectStatus::Active, ProjectStatus::Archived];
        let injection = "'; DROP TABLE projects; --";
        let texts = ["Apollo", "Ünïcödé 🚀 項目", injection, r"100 % \ _"];
        for status in statuses {
            for text in texts {
                let new = NewProject {
                    name: text.parse().expect("valid"),
                    description: format!("{text}\n\n{text}").parse().expect("valid"),
                    status,
                };
                let created = fixture.projects.create(&fixture.member, new.clone()).await;
                let created = created.expect("created");
                assert_eq!(created.name, new.name);
                assert_eq!(created.description, new.description);
                assert_eq!(created.status, status);
                assert_eq!(fixture.get(created.id).await, created);
            }
        }
    }

    async fn the_longest_values_fit(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let new = NewProject {
            name: "é".repeat(255).parse().expect("valid"),
            description: "🚀".repeat(10_000).parse().expect("valid"),
            status: ProjectStatus::Draft,
        };
        let created = fixture.projects.create(&fixture.member, new).await.expect("created");
        assert_eq!(fixture.get(created.id).await, created);
    }

    async fn names_need_not_be_unique(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let one = fixture.create(&fixture.member, "Apollo").await;
        let other = fixture.create(&fixture.member, "Apollo").await;
        assert_ne!(one.id, other.id);
    }
}
