//! Pages of a long list.

use std::collections::BTreeSet;

use tenantry_core::page::{PageError, PageRequest, PageSize};
use tenantry_projects::{
    Project, ProjectError, ProjectId, ProjectQuery, ProjectSort, ProjectStatus,
};
use tenantry_testkit::each_database;

use crate::fixture::{Fixture, with_status};

const SORTS: [ProjectSort; 2] = [ProjectSort::Name, ProjectSort::Newest];

fn query(sort: ProjectSort, limit: u32, cursor: Option<String>) -> ProjectQuery {
    let limit = PageSize::new(limit).expect("within 1 to 100");
    ProjectQuery {
        sort,
        page: PageRequest { limit, cursor },
        ..Default::default()
    }
}

/// Walks all pages.
async fn walk(fixture: &Fixture, mut query: ProjectQuery) -> Vec<Project> {
    let mut walked = Vec::new();
    loop {
        let page = fixture.list(&query).await;
        walked.extend(page.items);
        query.page.cursor = page.next_cursor;
        if query.page.cursor.is_none() {
            return walked;
        }
    }
}

/// 250 projects of ours with equal times and ten distinct names, and some of theirs between them.
async fn many(fixture: &Fixture) -> BTreeSet<ProjectId> {
    let mut ours = BTreeSet::new();
    for n in 0..250 {
        ours.insert(fixture.our_project(&format!("Project {}", n % 10)).await);
        if n % 5 == 0 {
            fixture.their_project(&format!("Project {}", n % 10)).await;
        }
    }
    ours
}

each_database! {
    async fn every_project_is_visited_once_despite_equal_times(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let ours = many(&fixture).await;
        for sort in SORTS {
            for limit in [7, 50, 100] {
                let walked = walk(&fixture, query(sort, limit, None)).await;
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

    async fn pages_of_a_filtered_list_contain_only_matches(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for n in 0..30 {
            let id = fixture.our_project(&format!("Project {n}")).await;
            if n % 3 == 0 {
                fixture.update(id, with_status(ProjectStatus::Active)).await.expect("updated");
            }
        }
        for sort in SORTS {
            let status = Some(ProjectStatus::Active);
            let walked = walk(&fixture, ProjectQuery { status, ..query(sort, 4, None) }).await;
            assert_eq!(walked.len(), 10);
            assert!(walked.iter().all(|project| project.status == ProjectStatus::Active));
        }
    }

    async fn a_page_has_twenty_items_by_default(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for n in 0..21 {
            fixture.our_project(&format!("Project {n}")).await;
        }
        let page = fixture.list(&ProjectQuery::default()).await;
        assert_eq!(page.items.len(), 20);
        assert!(page.next_cursor.is_some());
    }

    async fn a_cursor_of_another_organization_is_refused(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for n in 0..3 {
            fixture.our_project(&format!("Project {n}")).await;
            fixture.their_project(&format!("Project {n}")).await;
        }
        for sort in SORTS {
            let theirs = fixture.projects.list(&fixture.stranger, &query(sort, 2, None)).await;
            let cursor = theirs.expect("a page").next_cursor;
            let refusal = fixture.projects.list(&fixture.member, &query(sort, 2, cursor)).await;
            assert!(
                matches!(refusal, Err(ProjectError::Page(PageError::InvalidCursor))),
                "{refusal:?}"
            );
        }
    }

    async fn a_cursor_of_another_order_is_refused(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for n in 0..3 {
            fixture.our_project(&format!("Project {n}")).await;
        }
        for (sort, other) in [(SORTS[0], SORTS[1]), (SORTS[1], SORTS[0])] {
            let cursor = fixture.list(&query(sort, 2, None)).await.next_cursor;
            let refusal = fixture.projects.list(&fixture.member, &query(other, 2, cursor)).await;
            assert!(matches!(refusal, Err(ProjectError::Page(PageError::InvalidCursor))));
        }
    }
}
