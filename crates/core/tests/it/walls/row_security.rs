//! Row-level security by itself: what Postgres enforces when our own checks are lost.
//!
//! These tests name no fault and pass with every fault that `TENANTRY_MUTANT` can name:
//! `mutation_gate.rs` runs them with each. SQLite has no row-level security, so nothing is tested
//! on it here.

use tenantry_core::{
    db::{ColumnFilter as _, Database, Filter, KeysetOrder, RlsGap},
    id::Uuid,
    orm::{Order, Set},
    page::{PageRequest, PageSize},
};
use tenantry_testkit::{Backend, PUBLISHED, TestDatabase, run, statements};

use crate::db::{
    library::Library,
    tables::{book, shelf, sticker},
    units::ShelfAdded,
};

/// The reviewed policy, as the migrations make it.
const REVIEWED: &str =
    "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid";

/// The library, its tables protected as `create_tenant_table` in the migrations protects them.
pub(super) async fn protected_library(db: TestDatabase) -> Library {
    let library = Library::furnished(db).await;
    for table in ["shelves", "books", "stickers", "loans"] {
        let raw = &library.world.raw;
        raw.execute(&format!(
            "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
             ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
             CREATE POLICY tenant_isolation ON {table} USING ({REVIEWED}) WITH CHECK ({REVIEWED})"
        ))
        .await;
    }
    library
}

fn every_row() -> Filter {
    shelf::Column::Mark.is_in(["ours", "theirs"])
}

#[test]
fn no_read_returns_a_foreign_row() {
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        let rows = library.read();

        let shelves = rows.find::<shelf::Entity>().all().await.expect("read");
        assert!(shelves.len() == 3 && shelves.iter().all(|shelf| shelf.mark == "ours"));
        let foreign = shelf::Column::Mark.eq("theirs");
        let found = rows.find::<shelf::Entity>().filter(foreign.clone());
        assert_eq!(found.one().await.expect("read"), None);
        assert_eq!(rows.find::<shelf::Entity>().count().await.expect("read"), 3);
        let sort = KeysetOrder {
            name: "name",
            columns: vec![shelf::Column::Name, shelf::Column::Id],
            order: Order::Asc,
        };
        let request = PageRequest {
            limit: PageSize::new(100).expect("valid"),
            cursor: None,
        };
        let page = rows.find::<shelf::Entity>().page(&sort, &request).await;
        assert_eq!(page.expect("read").items.len(), 3);
    });
}

#[test]
fn no_join_reaches_a_foreign_row() {
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        // Shelf 9 is only theirs; no key binds a sticker to a shelf of its own organization.
        library.place_sticker(2, Some(9)).await;
        let rows = library.read();
        let stickers = rows
            .find::<sticker::Entity>()
            .with_related::<shelf::Entity>();
        let stickers = stickers.all().await.expect("read");
        assert_eq!(stickers.len(), 1);
        assert_eq!(stickers[0].1, None);

        let parents: Vec<_> = stickers.into_iter().map(|(sticker, _)| sticker).collect();
        let loaded = rows
            .load_many::<sticker::Entity, shelf::Entity>(&parents)
            .await;
        assert!(loaded.expect("read").iter().all(Vec::is_empty));
    });
}

#[test]
fn no_write_touches_a_foreign_row() {
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        let doing = async {
            let changed = library.write(async |rows| {
                let update = rows.update::<shelf::Entity>().filter(every_row());
                update
                    .set(shelf::Column::Name, Uuid::nil().to_string())
                    .exec()
                    .await
            });
            // Names are unique in an organization: with three rows the update fails.
            assert!(changed.await.is_err());
            let changed = library.write(async |rows| {
                let update = rows
                    .update::<book::Entity>()
                    .filter(book::Column::Pages.gt(0_i64));
                update.add(book::Column::Pages, 1).exec().await
            });
            assert_eq!(changed.await.expect("written"), 4);
            let deleted = library.write(async |rows| {
                let delete = rows.delete::<book::Entity>();
                delete.filter(book::Column::Pages.gt(0_i64)).exec().await
            });
            assert_eq!(deleted.await.expect("written"), 4);
        };
        library.without_changing_theirs(doing).await;
    });
}

#[test]
fn no_row_can_be_put_into_another_organization() {
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        let foreign = library.theirs.organization();
        let smuggled = || shelf::ActiveModel {
            organization_id: Set(foreign),
            id: Set(Uuid::from_u128(77)),
            name: Set("smuggled".to_owned()),
            mark: Set("ours".to_owned()),
        };
        let doing = library.write(async |rows| rows.insert::<shelf::Entity>(smuggled()).await);
        let refused = library.without_changing_theirs(doing).await;
        assert!(refused.is_err());

        // The same as one statement.
        let mut work = library.world.database.begin(&library.ours);
        let organization_id = library.ours.organization();
        work.record(&ShelfAdded {
            organization_id,
            id: Uuid::nil(),
        });
        let doing = async {
            work.insert::<shelf::Entity>(&library.ours, smuggled())
                .await?;
            work.commit().await
        };
        assert!(library.without_changing_theirs(doing).await.is_err());
        assert_eq!(library.world.events.published(), []);
    });
}

async fn gaps(url: &str) -> Vec<RlsGap> {
    let options = tenantry_core::db::DatabaseOptions {
        url: url.to_owned(),
        connections: 1,
        acquire_timeout: std::time::Duration::from_secs(10),
        waits: tenantry_testkit::LONG_WAITS,
        cursor_key: tenantry_core::db::CursorKey::derive(b"a key for tests"),
    };
    let runtime = tenantry_core::runtime::Runtime::system();
    let publisher = std::sync::Arc::new(tenantry_testkit::RecordingBus::default());
    let opened = Database::open(options, runtime, publisher)
        .await
        .expect("opened");
    let gaps = opened.database.row_security_gaps(&PUBLISHED).await;
    gaps.expect("checked")
}

#[test]
fn the_applications_role_has_no_gaps() {
    run(Backend::Postgres, async |db| {
        assert_eq!(gaps(db.url()).await, []);
    });
}

#[test]
fn a_superuser_is_found_and_the_remedy_named() {
    run(Backend::Postgres, async |db| {
        let found = gaps(db.superuser_url()).await;
        assert!(
            matches!(found[..], [RlsGap::PrivilegedRole { .. }]),
            "{found:?}"
        );
        let said = found[0].to_string();
        assert!(
            said.contains("CREATE ROLE") && said.contains("DATABASE_URL"),
            "{said}"
        );
    });
}

#[test]
fn the_table_owner_and_roles_that_can_become_it_are_found() {
    run(Backend::Postgres, async |db| {
        let found = gaps(db.owner_url()).await;
        assert!(found.len() > 1, "{found:?}");
        assert!(
            found
                .iter()
                .all(|gap| matches!(gap, RlsGap::OwnerRole { .. })),
            "{found:?}"
        );

        // A role of this test only: roles belong to all databases of the cluster.
        let (_, name) = db.url().rsplit_once('/').expect("a database");
        let role = format!("heir_{}", name.split('?').next().expect("a name"));
        let heir = db.url().replacen("tenantry_app", &role, 1);
        let (_, password) = heir.split_once(&format!("{role}:")).expect("a password");
        let password = password.split('@').next().expect("a password");
        db.execute(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD '{password}' IN ROLE tenantry_owner"
        ))
        .await;
        let found = gaps(&heir).await;
        db.execute(&format!("DROP ROLE {role}")).await;
        assert!(
            matches!(found[..], [RlsGap::OwnerRole { .. }, ..]),
            "{found:?}"
        );
    });
}

/// Makes a role that can connect, and runs more statements, in which `ROLE` is its name and `MADE`
/// is what it may be given. Returns the texts of its gaps.
async fn gaps_of_a_new_role(db: &TestDatabase, attributes: &str, given: &[&str]) -> Vec<String> {
    // Of this test only: roles belong to all databases of the cluster.
    let (_, name) = db.url().rsplit_once('/').expect("a database");
    let name = name.split('?').next().expect("a name");
    let role = format!("heir_{name}");
    let url = db.url().replacen("tenantry_app", &role, 1);
    let (_, password) = url.split_once(&format!("{role}:")).expect("a password");
    let password = password.split('@').next().expect("a password");
    let create = format!("CREATE ROLE {role} LOGIN PASSWORD '{password}' {attributes}");
    db.execute(&create).await;
    db.execute(&format!("GRANT CONNECT ON DATABASE {name} TO {role}"))
        .await;
    let made = format!("made_{name}");
    for statement in given {
        let statement = statement.replace("ROLE_OF_TEST", &role);
        let statement = statement
            .replace("MADE", &made)
            .replace("DATABASE_OF_TEST", name);
        db.execute(&statement).await;
    }
    let found = gaps(&url).await;
    let is_made = given
        .iter()
        .any(|statement| statement.contains("CREATE ROLE MADE"));
    for role in [&role].into_iter().chain(is_made.then_some(&made)) {
        let cleanup = format!(
            "REASSIGN OWNED BY {role} TO tenantry_owner; DROP OWNED BY {role}; DROP ROLE {role}"
        );
        db.execute(&cleanup).await;
    }
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn every_way_in_which_the_role_can_become_more_is_found() {
    run(Backend::Postgres, async |db| {
        let made = "CREATE ROLE MADE NOLOGIN";
        let member = "GRANT MADE TO ROLE_OF_TEST";
        for (attributes, given, names) in [
            ("CREATEROLE", &[][..], "CREATEROLE"),
            ("REPLICATION", &[], "REPLICATION"),
            ("BYPASSRLS", &[], "BYPASSRLS"),
            (
                "NOINHERIT",
                &["CREATE ROLE MADE NOLOGIN CREATEROLE", member],
                "made_",
            ),
            ("", &["CREATE ROLE MADE NOLOGIN BYPASSRLS", member], "made_"),
            (
                "",
                &[made, "GRANT MADE TO ROLE_OF_TEST WITH ADMIN OPTION"],
                "made_",
            ),
            (
                "",
                &["GRANT pg_read_server_files TO ROLE_OF_TEST"],
                "pg_read_server_files",
            ),
            (
                "",
                &["GRANT pg_write_server_files TO ROLE_OF_TEST"],
                "pg_write_server_files",
            ),
            (
                "",
                &["GRANT pg_execute_server_program TO ROLE_OF_TEST"],
                "pg_execute_server_program",
            ),
            (
                "",
                &["GRANT pg_write_all_data TO ROLE_OF_TEST"],
                "pg_write_all_data",
            ),
            (
                "",
                &[made, "GRANT pg_read_server_files TO MADE", member],
                "pg_read_server_files",
            ),
            (
                "",
                &["CREATE SCHEMA own AUTHORIZATION ROLE_OF_TEST"],
                "schema own",
            ),
            (
                "",
                &["ALTER FUNCTION prune_event_log OWNER TO ROLE_OF_TEST"],
                "function prune_event_log",
            ),
            (
                "",
                &["ALTER VIEW personal_events OWNER TO ROLE_OF_TEST"],
                "personal_events",
            ),
            ("", &["ALTER TABLE users OWNER TO ROLE_OF_TEST"], "users"),
            (
                "",
                &["ALTER DATABASE DATABASE_OF_TEST OWNER TO ROLE_OF_TEST"],
                "database",
            ),
            (
                "",
                &[
                    made,
                    "ALTER DATABASE DATABASE_OF_TEST OWNER TO MADE",
                    member,
                ],
                "database",
            ),
        ] {
            let db = TestDatabase::new(db.backend()).await;
            let found = gaps_of_a_new_role(&db, attributes, given).await;
            assert!(
                found.iter().any(|gap| gap.contains(names)),
                "{names}: {found:?}"
            );
            assert!(
                found.iter().all(|gap| gap.contains("make a role")),
                "{found:?}"
            );
        }
    });
}

#[test]
fn a_role_without_any_of_them_has_no_gaps() {
    run(Backend::Postgres, async |db| {
        let harmless = &["GRANT pg_monitor TO ROLE_OF_TEST"][..];
        assert_eq!(gaps_of_a_new_role(&db, "", harmless).await, [""; 0]);
    });
}

#[test]
fn a_table_without_a_forced_policy_is_found() {
    run(Backend::Postgres, async |db| {
        db.execute("CREATE TABLE leaks (organization_id uuid, id uuid)")
            .await;
        let open = RlsGap::OpenTable {
            table: "leaks".to_owned(),
        };
        assert_eq!(gaps(db.url()).await, std::slice::from_ref(&open));
        db.execute("ALTER TABLE leaks ENABLE ROW LEVEL SECURITY")
            .await;
        db.execute(&format!(
            "CREATE POLICY tenant_isolation ON leaks USING ({REVIEWED})"
        ))
        .await;
        assert_eq!(gaps(db.url()).await, [open]);
        db.execute("ALTER TABLE leaks FORCE ROW LEVEL SECURITY")
            .await;
        assert_eq!(gaps(db.url()).await, []);
    });
}

#[test]
fn a_policy_beside_the_reviewed_one_or_with_another_expression_is_found() {
    run(Backend::Postgres, async |db| {
        for (statement, named) in [
            ("CREATE POLICY extra ON projects USING (true)", "extra"),
            (
                "CREATE POLICY extra ON projects FOR SELECT TO tenantry_app USING (true)",
                "extra",
            ),
            (
                "CREATE POLICY extra ON projects FOR INSERT WITH CHECK (true)",
                "extra",
            ),
            (
                "CREATE POLICY extra ON event_log AS RESTRICTIVE USING (true)",
                "extra",
            ),
            (
                "ALTER POLICY tenant_isolation ON projects USING (true)",
                "tenant_isolation",
            ),
            (
                "ALTER POLICY tenant_isolation ON projects WITH CHECK (true)",
                "tenant_isolation",
            ),
            (
                "ALTER POLICY tenant_isolation ON projects USING (organization_id IS NOT NULL)",
                "tenant_isolation",
            ),
        ] {
            let db = TestDatabase::new(db.backend()).await;
            db.execute(statement).await;
            let found = gaps(db.url()).await;
            assert!(
                matches!(&found[..], [RlsGap::OtherPolicy { policy }] if policy.contains(named)),
                "{statement}: {found:?}"
            );
            assert!(found[0].to_string().contains("DROP POLICY"), "{found:?}");
        }
        // It does not apply to the application's role.
        db.execute("CREATE POLICY extra ON projects TO tenantry_owner USING (true)")
            .await;
        assert_eq!(gaps(db.url()).await, []);
    });
}

#[test]
fn what_has_the_rights_of_its_owner_and_is_not_published_is_found() {
    run(Backend::Postgres, async |db| {
        for (statement, named) in [
            (
                "CREATE VIEW everything AS SELECT * FROM projects",
                "the view everything",
            ),
            (
                "CREATE VIEW everything WITH (security_invoker = false) AS SELECT * FROM projects;
                 REVOKE ALL ON everything FROM tenantry_app;
                 GRANT SELECT (name) ON everything TO PUBLIC",
                "the view everything",
            ),
            (
                "CREATE MATERIALIZED VIEW everything AS SELECT * FROM projects",
                "the materialized view everything",
            ),
            (
                "CREATE SCHEMA other; GRANT USAGE ON SCHEMA other TO PUBLIC;
                 CREATE VIEW other.project_usage AS SELECT * FROM projects;
                 GRANT DELETE ON other.project_usage TO tenantry_app",
                "the view other.project_usage",
            ),
            (
                "CREATE FUNCTION everything() RETURNS SETOF projects LANGUAGE sql SECURITY DEFINER
                   AS 'SELECT * FROM projects'",
                "the function everything()",
            ),
            (
                "CREATE RULE everything AS ON INSERT TO projects DO ALSO SELECT * FROM projects",
                "the rule everything on projects",
            ),
            // Another function than the published one, with its name.
            (
                "CREATE FUNCTION prune_event_log(text) RETURNS int LANGUAGE sql SECURITY DEFINER
                   AS 'SELECT 1'",
                "the function prune_event_log(text)",
            ),
        ] {
            let db = TestDatabase::new(db.backend()).await;
            // The test kit's default privileges grant what is made here.
            db.execute(statement).await;
            let found = gaps(db.url()).await;
            let object = named.to_owned();
            assert_eq!(found, [RlsGap::OwnersRights { object }], "{statement}");
        }
    });
}

#[test]
fn what_can_not_be_used_or_has_the_rights_of_its_reader_is_no_gap() {
    run(Backend::Postgres, async |db| {
        db.execute(
            "CREATE VIEW seen WITH (security_invoker = on) AS SELECT * FROM projects;
             CREATE VIEW hidden AS SELECT * FROM projects;
             REVOKE ALL ON hidden FROM tenantry_app;
             CREATE FUNCTION hidden() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
             REVOKE ALL ON FUNCTION hidden() FROM PUBLIC;
             CREATE FUNCTION seen() RETURNS int LANGUAGE sql AS 'SELECT 1';
             CREATE FUNCTION fired() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
               AS 'BEGIN RETURN NEW; END'",
        )
        .await;
        assert_eq!(gaps(db.url()).await, []);
    });
}

#[test]
fn a_read_sets_its_organization_before_it_scans() {
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        let rows = library.read();
        let read = rows
            .find::<book::Entity>()
            .order_by(book::Column::Pages, Order::Asc);
        let (found, sent) = statements(read.all()).await;
        assert_eq!(found.expect("read").len(), 4);
        assert_eq!(sent.len(), 1, "a read is one round trip: {sent:?}");

        let plan = library.world.raw.plan(&sent[0]).await;
        let line = |text| plan.lines().position(|line| line.contains(text));
        let gate = line("One-Time Filter: ($").expect("a gate");
        let scan = line("Scan on books").expect("a scan");
        assert!(plan.starts_with("Result") && gate < scan, "{plan}");
    });
}

#[test]
fn a_single_statement_write_sets_its_organization_first() {
    run(Backend::Postgres, async |db| {
        let library = protected_library(db).await;
        // With its organization, so that the policy accepts it whatever fault is injected.
        let shelf = |n: u128| shelf::ActiveModel {
            organization_id: Set(library.ours.organization()),
            id: Set(Uuid::from_u128(n)),
            name: Set(format!("Shelf {n}")),
            mark: Set("ours".to_owned()),
        };
        // The first insert loads the foreign keys of the table to decide whether it can be one.
        let mut work = library.world.database.begin(&library.ours);
        work.record(&ShelfAdded {
            organization_id: library.ours.organization(),
            id: Uuid::nil(),
        });
        let first = work.insert::<shelf::Entity>(&library.ours, shelf(19));
        first.await.expect("deferred");
        work.commit().await.expect("written");
        let organization_id = library.ours.organization();
        let mut work = library.world.database.begin(&library.ours);
        work.record(&ShelfAdded {
            organization_id,
            id: Uuid::nil(),
        });
        let row = shelf(20);
        let made = work.insert::<shelf::Entity>(&library.ours, row).await;
        made.expect("deferred");
        let (made, sent) = statements(work.commit()).await;
        made.expect("the policy accepts it");
        assert_eq!(sent.len(), 1, "{sent:?}");

        let plan = library.world.raw.plan(&sent[0]).await;
        let line = |text| plan.lines().position(|line| line.contains(text));
        let gate = line("One-Time Filter: ($").expect("a gate");
        let scan = line("CTE Scan on inserted").expect("a scan");
        assert!(gate < scan, "{plan}");
    });
}
