//! Turning the pages of a long list.

use std::collections::BTreeSet;

use tenantry_core::page::{PageError, PageRequest, PageSize};
use tenantry_projects::{
    Project, ProjectError, ProjectId, ProjectQuery, ProjectSort, ProjectStatus,
};
use tenantry_testkit::each_database;

use crate::stage::{Stage, moving};

const SORTS: [ProjectSort; 2] = [ProjectSort::Name, ProjectSort::Newest];

fn query(sort: ProjectSort, limit: u32, cursor: Option<String>) -> ProjectQuery {
    let limit = PageSize::new(limit).expect("within 1 to 100");
    ProjectQuery {
        sort,
        page: PageRequest { limit, cursor },
        ..Default::default()
    }
}

/// Turns the pages to the end.
async fn walk(stage: &Stage, mut query: ProjectQuery) -> Vec<Project> {
    let mut walked = Vec::new();
    loop {
        let page = stage.list(&query).await;
        walked.extend(page.items);
        query.page.cursor = page.next_cursor;
        if query.page.cursor.is_none() {
            return walked;
        }
    }
}

/// 250 projects of ours, all made in one moment and with ten names among them, and some of
/// theirs between them.
async fn many(stage: &Stage) -> BTreeSet<ProjectId> {
    let mut ours = BTreeSet::new();
    for n in 0..250 {
        ours.insert(stage.our_project(&format!("Project {}", n % 10)).await);
        if n % 5 == 0 {
            stage.their_project(&format!("Project {}", n % 10)).await;
        }
    }
    ours
}

each_database! {
    async fn every_project_is_visited_once_though_all_were_made_in_one_moment(db: TestDatabase) {
        let stage = Stage::set(db).await;
        let ours = many(&stage).await;
        for sort in SORTS {
            for limit in [7, 50, 100] {
                let walked = walk(&stage, query(sort, limit, None)).await;
                assert_eq!(walked.len(), 250, "{sort:?} by {limit}");
                let visited: BTreeSet<_> = walked.iter().map(|project| project.id).collect();
                assert_eq!(visited, ours, "{sort:?} by {limit}");
                let key = |project: &Project| (project.name.sort_key(), project.id);
                let keys: Vec<_> = walked.iter().map(key).collect();
                let in_order = match sort {
                    ProjectSort::Name => keys.is_sorted(),
                    ProjectSort::Newest => keys.iter().rev().map(|key| key.1).is_sorted(),
                };
                assert!(in_order, "{sort:?} by {limit}");
            }
        }
    }

    async fn pages_of_a_filtered_list_hold_what_the_filter_finds(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for n in 0..30 {
            let id = stage.our_project(&format!("Project {n}")).await;
            if n % 3 == 0 {
                stage.update(id, moving(ProjectStatus::Active)).await.expect("updated");
            }
        }
        for sort in SORTS {
            let status = Some(ProjectStatus::Active);
            let walked = walk(&stage, ProjectQuery { status, ..query(sort, 4, None) }).await;
            assert_eq!(walked.len(), 10);
            assert!(walked.iter().all(|project| project.status == ProjectStatus::Active));
        }
    }

    async fn a_page_holds_twenty_unless_asked_otherwise(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for n in 0..21 {
            stage.our_project(&format!("Project {n}")).await;
        }
        let page = stage.list(&ProjectQuery::default()).await;
        assert_eq!(page.items.len(), 20);
        assert!(page.next_cursor.is_some());
    }

    async fn a_cursor_of_another_organization_is_refused(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for n in 0..3 {
            stage.our_project(&format!("Project {n}")).await;
            stage.their_project(&format!("Project {n}")).await;
        }
        for sort in SORTS {
            let theirs = stage.projects.list(&stage.stranger, &query(sort, 2, None)).await;
            let cursor = theirs.expect("a page").next_cursor;
            let refusal = stage.projects.list(&stage.member, &query(sort, 2, cursor)).await;
            assert!(
                matches!(refusal, Err(ProjectError::Page(PageError::InvalidCursor))),
                "{refusal:?}"
            );
        }
    }

    async fn a_cursor_of_another_order_is_refused(db: TestDatabase) {
        let stage = Stage::set(db).await;
        for n in 0..3 {
            stage.our_project(&format!("Project {n}")).await;
        }
        for (sort, other) in [(SORTS[0], SORTS[1]), (SORTS[1], SORTS[0])] {
            let cursor = stage.list(&query(sort, 2, None)).await.next_cursor;
            let refusal = stage.projects.list(&stage.member, &query(other, 2, cursor)).await;
            assert!(matches!(refusal, Err(ProjectError::Page(PageError::InvalidCursor))));
        }
    }
}
