//! The last page of a very long list costs no more than the first.

use tenantry_core::page::{PageRequest, PageSize};
use tenantry_projects::{ProjectQuery, ProjectSort};
use tenantry_testkit::{Backend, each_database, statements};

use crate::fixture::Fixture;

const MANY: u32 = 99_900;

/// Inserts many projects that sort before the existing ones, in either order.
async fn put_many_before(fixture: &Fixture) {
    let (id, later) = match fixture.world.raw.backend() {
        Backend::Sqlite => ("randomblob(16)", "'2030-01-01T00:00:00+00:00'"),
        Backend::Postgres => ("gen_random_uuid()", "'2030-01-01'::timestamptz"),
    };
    fixture
        .world
        .raw
        .execute(&format!(
            "INSERT INTO projects (organization_id, id, name, name_key, description, status, version, created_at, updated_at)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})
             SELECT o.id, {id}, 'a' || i, 'a' || i, '', 'draft', 1, {later}, {later}
             FROM n, organizations o WHERE o.slug = 'ours';
             ANALYZE"
        ))
        .await;
}

each_database! {
    async fn the_last_page_of_100000_projects_is_an_index_seek(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for n in 0..100 {
            fixture.our_project(&format!("z{n:03}")).await;
        }
        let query = |sort, limit, cursor| ProjectQuery {
            sort,
            page: PageRequest { limit: PageSize::new(limit).expect("valid"), cursor },
            ..ProjectQuery::default()
        };
        let sorts = [
            (ProjectSort::Name, "sort_key", "projects_organization_id_sort_key_id_status_search_key_idx"),
            (ProjectSort::Newest, "created_at", "projects_organization_id_created_at_id_status_search_key_idx"),
        ];
        // A cursor near the end, taken before the many are inserted.
        let mut ends = Vec::new();
        for (sort, ..) in sorts {
            let page = fixture.projects.list(&fixture.viewer, &query(sort, 80, None)).await.expect("a page");
            ends.push(page.next_cursor);
        }
        put_many_before(&fixture).await;

        for ((sort, key, index), end) in sorts.into_iter().zip(ends) {
            for (cursor, is_last) in [(None, false), (end, true)] {
                let query = query(sort, 20, cursor);
                let (page, sent) = statements(fixture.projects.list(&fixture.viewer, &query)).await;
                let page = page.expect("a page");
                assert_eq!((page.items.len(), page.next_cursor.is_none()), (20, is_last));
                let select = sent.iter().find(|sql| sql.contains(r#"FROM "projects""#)).expect("one query");
                let plan = fixture.world.raw.plan(select).await;
                println!("{key}, last: {is_last}\n{plan}\n");
                assert!(plan.contains(index), "{plan}");
                // Neither database sorts, and the index is entered at the cursor.
                assert!(!plan.contains("KeysetOrder") && !plan.contains("TEMP B-TREE"), "{plan}");
                if is_last {
                    let entered = plan.lines().any(|line| {
                        let postgres = line.contains("Index Cond") && line.contains(&format!("ROW({key}, id)"));
                        postgres || line.contains(&format!("({key},id)"))
                    });
                    assert!(entered, "{plan}");
                }
            }
        }
    }
}
