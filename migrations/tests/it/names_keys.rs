//! The keys by which names are searched and sorted.

use std::sync::Mutex;

use sea_orm_migration::MigratorTrait;
use tenantry_core::value::{search_key, sort_key};
use tenantry_migrations::{Migrator, runner};
use tenantry_testkit::{Backend, TestDatabase, each_database};

/// A database as the version before left it, with rows.
async fn before(backend: Backend, projects: u32) -> TestDatabase {
    let db = TestDatabase::empty(backend).await;
    runner::up::<Migrator>(db.owner_url()).await.expect("works");
    let steps = Migrator::migrations()
        .iter()
        .rev()
        .position(|it| it.name() == "organizations_0007_lists");
    let steps = u32::try_from(steps.expect("listed")).expect("few");
    runner::down::<Migrator>(db.owner_url(), steps)
        .await
        .expect("works");
    fill(&db, projects).await;
    db
}

/// Rows, written by the statements of the version before.
async fn fill(db: &TestDatabase, projects: u32) {
    let (id, now) = match db.backend() {
        Backend::Sqlite => ("randomblob(16)", "'2026-01-01T00:00:00+00:00'"),
        Backend::Postgres => ("gen_random_uuid()", "timestamptz '2026-01-01'"),
    };
    for slug in ["aa", "bb"] {
        db.execute(&format!(
            "INSERT INTO organizations (id, name, name_key, slug, is_active, created_at, updated_at)
             VALUES ({id}, 'Straße {slug}', 'straße {slug}', '{slug}', TRUE, {now}, {now})"
        ))
        .await;
        db.execute(&format!(
            "INSERT INTO users (id, email, name, name_key, password_hash, is_active, is_staff, is_superuser,
                                created_at, updated_at)
             VALUES ({id}, '{slug}@example.com', 'ΟΔΥΣΣΕΥΣ', 'οδυσσευς', '', TRUE, FALSE, FALSE, {now}, {now})"
        ))
        .await;
        db.execute(&format!(
            "INSERT INTO projects (organization_id, id, name, name_key, description, status, version,
                                   created_at, updated_at)
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {projects})
             SELECT o.id, {id}, 'Ärzte ' || i, 'ärzte ' || i, '', 'draft', 1, {now}, {now}
             FROM n, organizations o WHERE o.slug = '{slug}'"
        ))
        .await;
    }
}

async fn assert_keys(db: &TestDatabase) {
    for table in ["users", "organizations", "projects"] {
        // On SQLite the connection reads the changed schema with this statement.
        db.number(&format!("SELECT count(*) AS n FROM {table}"))
            .await;
        let rows = db.query(&format!("SELECT * FROM {table}")).await;
        assert!(!rows.is_empty());
        for row in rows {
            let name = row["name"].as_str().expect("a name");
            assert_eq!(row["search_key"], search_key(name), "{row}");
            if table != "users" {
                assert_eq!(row["sort_key"], sort_key(name), "{row}");
            }
        }
    }
}

each_database! {
    async fn an_upgrade_computes_the_keys_in_batches_and_reports_progress(db: TestDatabase) {
        let db = before(db.backend(), 700).await;
        let reports = Mutex::new(Vec::new());
        let progress = |table: &str, rows: u64| reports.lock().expect("works").push((table.to_owned(), rows));
        runner::up_with_progress::<Migrator>(db.owner_url(), &progress).await.expect("works");
        assert_keys(&db).await;
        let reports = reports.into_inner().expect("works");
        let of = |table: &str, rows| (table.to_owned(), rows);
        assert_eq!(reports, [
            of("users", 2), of("organizations", 2), of("projects", 500), of("projects", 700),
            of("projects", 1200), of("projects", 1400),
        ]);
    }

    async fn what_the_version_before_writes_on_the_new_tables_gets_its_keys_afterwards(db: TestDatabase) {
        let db = before(db.backend(), 1).await;
        runner::up::<Migrator>(db.owner_url()).await.expect("works");
        db.execute("DELETE FROM projects").await;
        db.execute("DELETE FROM users").await;
        db.execute("DELETE FROM organizations").await;
        fill(&db, 3).await;
        // A rename of the version before.
        db.execute("UPDATE projects SET name = 'Zoo', name_key = 'zoo' WHERE name LIKE '% 1'").await;
        assert!(runner::up::<Migrator>(db.owner_url()).await.expect("works").is_empty());
        assert_keys(&db).await;
    }
}
