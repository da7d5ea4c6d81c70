//! The end of an organization.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use tenantry_core::{
    access::{Actor, Role},
    id::OrganizationId,
};
use tenantry_domain_events::events::organizations::{
    LeaveReason, OrganizationDeleted, OrganizationDeletionStarted, UserLeftOrganization,
};
use tenantry_organizations::{EraseProgress, NewOrganization, OrganizationsError};
use tenantry_testkit::{Backend, each_database, statements};
use tokio::sync::Notify;

use crate::support::{Stage, named, slug};

const PROJECTS: u32 = 5_000;
const MEMBERS: u32 = 450;

/// Many members and projects in an organization, past every wall.
pub(crate) async fn fill(stage: &Stage, slug: &str, projects: u32, members: u32) {
    let raw = &stage.world.raw;
    // Ids begin with the time: rows are made in their order.
    let (id, in_order, now) = match raw.backend() {
        Backend::Sqlite => (
            "randomblob(16)",
            "unhex(printf('0199a2b3%024x', i))",
            "'2030-01-01T00:00:00+00:00'",
        ),
        Backend::Postgres => (
            "gen_random_uuid()",
            "('0199a2b3' || lpad(to_hex(i), 24, '0'))::uuid",
            "'2030-01-01'::timestamptz",
        ),
    };
    let numbers = |many: u32| {
        format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})")
    };
    for sql in [
        format!(
            "INSERT INTO projects (organization_id, id, name, name_key, description, status, version, created_at, updated_at)
             {} SELECT o.id, {in_order}, 'p' || i, 'p' || i, '', 'draft', 1, {now}, {now}
             FROM n, organizations o WHERE o.slug = '{slug}'",
            numbers(projects)
        ),
        format!(
            "INSERT INTO users (id, email, name, password_hash, is_active, is_staff, is_superuser, created_at, updated_at)
             {} SELECT {id}, 'many' || i || '@example.com', 'Many', 'none', TRUE, FALSE, FALSE, {now}, {now} FROM n",
            numbers(members)
        ),
        format!(
            "INSERT INTO organization_members (organization_id, id, user_id, role, joined_at)
             SELECT o.id, {id}, u.id, 'member', {now} FROM users u, organizations o
             WHERE o.slug = '{slug}' AND u.email LIKE 'many%'"
        ),
    ] {
        raw.execute(&sql).await;
    }
}

/// Begins to erase, and is interrupted after the first batch of that table.
pub(crate) async fn erase_until(stage: &Stage, organization: OrganizationId, table: &str) {
    let interrupted = Notify::new();
    let watcher = |erased: EraseProgress<'_>| {
        if erased.table == table {
            interrupted.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = interrupted.notified() => {}
        erased = stage.organizations.erase(organization, &watcher) => {
            panic!("{table}: not interrupted, but {erased:?}");
        }
    }
}

async fn count(stage: &Stage, table: &str, slug: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM {table} WHERE organization_id IN
         (SELECT id FROM organizations WHERE slug = '{slug}')"
    );
    stage.world.raw.number(&sql).await
}

each_database! {
    async fn an_interrupted_erasure_is_gone_on_with_until_nothing_is_left(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let raw = &stage.world.raw;
        for slug in ["acme", "globex"] {
            let organization = stage.world.organization(slug).await;
            stage.world.member(organization, Role::Owner).await;
            stage.world.project(organization, "Rocket").await;
        }
        fill(&stage, "acme", PROJECTS, MEMBERS).await;
        let acme = stage.organizations.find_by_slug(&slug("acme")).await.expect("found").expect("there").id;
        let users = raw.number("SELECT count(*) FROM users").await;

        stage.organizations.mark_for_deletion_as(acme, Actor::system()).await.expect("pending_deletions");
        assert_eq!(stage.organizations.pending_deletions().await.expect("listed"), [acme]);
        assert_eq!(stage.world.events.of::<OrganizationDeletionStarted>().len(), 1);

        erase_until(&stage, acme, "projects").await;
        let left = count(&stage, "projects", "acme").await;
        assert!(0 < left && left < i64::from(PROJECTS), "{left} projects are left");
        assert_eq!(count(&stage, "organization_members", "acme").await, i64::from(MEMBERS) + 1);

        erase_until(&stage, acme, "organization_members").await;
        assert_eq!(count(&stage, "projects", "acme").await, 0);
        let left = count(&stage, "organization_members", "acme").await;
        assert!(0 < left && left <= i64::from(MEMBERS), "{left} members are left");
        assert_eq!(stage.organizations.pending_deletions().await.expect("listed"), [acme]);

        stage.organizations.erase(acme, &|_| {}).await.expect("erased");
        assert_eq!(raw.number("SELECT count(*) FROM organizations").await, 1);
        for table in stage.world.database.tenant_tables().await.expect("known") {
            let rows = format!("SELECT count(*) FROM {}", table.name());
            let kept = count(&stage, table.name(), "globex").await;
            assert_eq!(raw.number(&rows).await, kept, "{}", table.name());
        }
        assert_eq!(count(&stage, "projects", "globex").await, 1);
        assert_eq!(raw.number("SELECT count(*) FROM users").await, users);

        // Each member left once, whatever came in between.
        let left = stage.world.events.of::<UserLeftOrganization>();
        assert!(left.iter().all(|left| left.reason == LeaveReason::OrgDeleted));
        let people: BTreeSet<_> = left.iter().map(|left| left.user_id).collect();
        assert_eq!((left.len(), people.len()), (451, 451));
        assert_eq!(stage.world.events.of::<OrganizationDeleted>().len(), 1);

        // Once more is once too often, and no harm.
        stage.organizations.erase(acme, &|_| {}).await.expect("nothing to do");
        assert_eq!(stage.world.events.of::<OrganizationDeleted>().len(), 1);
    }

    async fn only_what_was_condemned_is_erased_and_nothing_brings_it_back(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let acme = stage.world.organization("acme").await;
        let ctx = stage.world.member(acme, Role::Owner).await;
        let admin = stage.world.member(acme, Role::Admin).await;
        let erased = stage.organizations.erase(acme, &|_| {}).await;
        assert!(matches!(erased, Err(OrganizationsError::NotFound)));

        let denied = stage.organizations.mark_for_deletion(&admin, "acme").await;
        assert!(matches!(denied, Err(OrganizationsError::PermissionDenied(_))));
        for wrong in ["globex", "", "ACME"] {
            let refused = stage.organizations.mark_for_deletion(&ctx, wrong).await;
            assert!(matches!(refused, Err(OrganizationsError::WrongConfirmation)), "{wrong}");
        }
        stage.organizations.mark_for_deletion(&ctx, "acme").await.expect("pending_deletions");
        let open = tenantry_organizations::OrganizationChange {
            is_active: Some(true),
            ..Default::default()
        };
        let opened = stage.organizations.change_organization(acme, open, Actor::system()).await;
        assert!(matches!(opened, Err(OrganizationsError::NotFound)));
        let again = stage.organizations.mark_for_deletion(&ctx, "acme").await;
        assert!(matches!(again, Err(OrganizationsError::NotFound)));
        // By an operator it is no error: he goes on with it.
        stage.organizations.mark_for_deletion_as(acme, Actor::system()).await.expect("pending_deletions");
        assert_eq!(stage.world.events.of::<OrganizationDeletionStarted>().len(), 1);
    }

    async fn a_deleted_slug_is_nobodys_for_ninety_days(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let user = stage.world.user("ada").await;
        let make = |slug| NewOrganization { slug, ..named("Acme") };
        let made = stage.organizations.create_for(user, make(None)).await.expect("made");
        stage.organizations.mark_for_deletion_as(made.id, Actor::system()).await.expect("pending_deletions");
        let during = stage.organizations.create_for(user, make(Some(slug("acme")))).await;
        assert!(matches!(during, Err(OrganizationsError::SlugTaken)));
        stage.organizations.erase(made.id, &|_| {}).await.expect("erased");

        stage.world.clock.advance(TimeDelta::days(89));
        let early = stage.organizations.create_for(user, make(Some(slug("acme")))).await;
        assert!(matches!(early, Err(OrganizationsError::SlugTaken)));
        let suggested = stage.organizations.create_for(user, make(None)).await.expect("made");
        assert!(suggested.slug.as_str().starts_with("acme-"), "{}", suggested.slug);

        stage.world.clock.advance(TimeDelta::days(2));
        let late = stage.organizations.create_for(user, make(Some(slug("acme")))).await.expect("made");
        // And a second time over.
        stage.organizations.mark_for_deletion_as(late.id, Actor::system()).await.expect("pending_deletions");
        stage.organizations.erase(late.id, &|_| {}).await.expect("erased");
        let again = stage.organizations.create_for(user, make(Some(slug("acme")))).await;
        assert!(matches!(again, Err(OrganizationsError::SlugTaken)));
    }

    async fn no_table_of_a_tenant_is_forgotten_and_children_go_first(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        let tables = stage.world.database.tenant_tables().await.expect("known");
        let names: Vec<_> = tables.iter().map(|table| table.name()).collect();
        let place = |name: &str| {
            names.iter().position(|other| *other == name).unwrap_or_else(|| panic!("{name} is not in {names:?}"))
        };
        assert!(place("api_tokens") < place("organization_members"));
        for name in ["projects", "invitations"] {
            place(name);
        }
        assert!(!names.contains(&"organizations") && !names.contains(&"users"));

        stage.world.raw.execute("CREATE TABLE odd (organization_id uuid, name text, PRIMARY KEY (organization_id, name))").await;
        let odd = stage.world.database.tenant_tables().await;
        assert!(odd.is_err_and(|error| error.to_string().contains("odd")));
    }

    async fn a_batch_begins_behind_the_last_one_and_reads_no_whole_table(db: TestDatabase) {
        let stage = Stage::saas(db).await;
        for slug in ["acme", "globex"] {
            stage.world.organization(slug).await;
        }
        fill(&stage, "globex", PROJECTS, 1).await;
        stage.world.raw.execute("UPDATE users SET email = 'other@example.com'").await;
        fill(&stage, "acme", PROJECTS, 1).await;
        stage.world.raw.execute("ANALYZE").await;
        let acme = stage.organizations.find_by_slug(&slug("acme")).await.expect("found").expect("there").id;
        stage.organizations.mark_for_deletion_as(acme, Actor::system()).await.expect("pending_deletions");
        let (erased, sent) = statements(stage.organizations.erase(acme, &|_| {})).await;
        erased.expect("erased");
        let batches = sent.iter().filter(|sql| sql.contains("DELETE FROM \"projects\""));
        let batches: Vec<_> = batches.collect();
        assert_eq!(batches.len(), 3, "{sent:#?}");

        let plan = stage.world.raw.plan(batches[0]).await;
        println!("{plan}\n");
        let scans = plan.contains("Seq Scan") || plan.contains("SCAN ");
        assert!(!scans, "{plan}");
        let enters = plan.contains("Index Cond: ((organization_id = $1) AND (id > $2))")
            || plan.contains("(organization_id=?)");
        assert!(enters, "{plan}");
    }
}
