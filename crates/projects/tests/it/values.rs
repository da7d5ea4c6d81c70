//! What goes in comes out.

use tenantry_projects::{NewProject, ProjectStatus};
use tenantry_testkit::each_database;

use crate::stage::Stage;

each_database! {
    async fn a_project_is_read_as_it_was_written(db: TestDatabase) {
        let stage = Stage::set(db).await;
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
                let created = stage.projects.create(&stage.member, new.clone()).await;
                let created = created.expect("created");
                assert_eq!(created.name, new.name);
                assert_eq!(created.description, new.description);
                assert_eq!(created.status, status);
                assert_eq!(stage.get(created.id).await, created);
            }
        }
    }

    async fn the_longest_values_fit(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let new = NewProject {
            name: "é".repeat(255).parse().expect("valid"),
            description: "🚀".repeat(10_000).parse().expect("valid"),
            status: ProjectStatus::Draft,
        };
        let created = stage.projects.create(&stage.member, new).await.expect("created");
        assert_eq!(stage.get(created.id).await, created);
    }

    async fn names_need_not_differ(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let one = stage.create(&stage.member, "Apollo").await;
        let other = stage.create(&stage.member, "Apollo").await;
        assert_ne!(one.id, other.id);
    }
}
