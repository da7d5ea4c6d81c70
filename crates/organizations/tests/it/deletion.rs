//! Deleting organizations.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tenantry_core::{
    access::{Actor, Role, TenantContext},
    id::OrganizationId,
    job::Job,
    permission,
};
use tenantry_domain_events::events::organizations::{
    LeaveReason, OrganizationDeleted, OrganizationDeletionStarted, UserLeftOrganization,
};
use tenantry_organizations::{EraseProgress, NewOrganization, OrganizationsError};
use tenantry_testkit::{Backend, each_database, statements};
use tokio::sync::Notify;

use crate::support::{Fixture, named, slug};

const PROJECTS: u32 = 5_000;
const MEMBERS: u32 = 450;

/// Inserts many members and projects by SQL.
pub(crate) async fn fill(fixture: &Fixture, slug: &str, projects: u32, members: u32) {
    let raw = &fixture.world.raw;
    // Ids begin with the time: rows are inserted in their order.
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

/// Starts erasing, and is interrupted after the first batch of that table.
pub(crate) async fn erase_until(fixture: &Fixture, organization: OrganizationId, table: &str) {
    let interrupted = Notify::new();
    let progress = |erased: EraseProgress<'_>| {
        if erased.table == table {
            interrupted.notify_one();
        }
    };
    tokio::select! {
        biased;
        () = interrupted.notified() => {}
        erased = fixture.organizations.deletion.erase(organization, &progress) => {
            panic!("{table}: not interrupted, but {erased:?}");
        }
    }
}

async fn count(fixture: &Fixture, table: &str, slug: &str) -> i64 {
    let sql = format!(
        "SELECT count(*) FROM {table} WHERE organization_id IN
         (SELECT id FROM organizations WHERE slug = '{slug}')"
    );
    fixture.world.raw.number(&sql).await
}

#[derive(Serialize, Deserialize)]
struct Remind {}

impl Job for Remind {
    const NAME: &'static str = "test.remind";
}

permission!(
    /// Enqueue reminders.
    SendReminders = "test.send_reminders", Owner
);

async fn enqueue(fixture: &Fixture, ctx: &TenantContext) {
    let grant = ctx.require::<SendReminders>().expect("an owner");
    let mut work = fixture.world.database.begin(&grant);
    work.enqueue(&grant, Remind {});
    work.commit().await.expect("committed");
}

each_database! {
    async fn an_interrupted_erasure_is_resumed_until_nothing_is_left(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let raw = &fixture.world.raw;
        for slug in ["acme", "globex"] {
            let organization = fixture.world.organization(slug).await;
            fixture.world.member(organization, Role::Owner).await;
            fixture.world.project(organization, "Rocket").await;
        }
        fill(&fixture, "acme", PROJECTS, MEMBERS).await;
        let acme = fixture.organizations.directory.find_by_slug(&slug("acme")).await.expect("found").expect("there").id;
        let users = raw.number("SELECT count(*) FROM users").await;

        fixture.organizations.deletion.mark_for_deletion_as(acme, Actor::system()).await.expect("marked");
        assert_eq!(fixture.organizations.deletion.pending_deletions().await.expect("listed"), [acme]);
        assert_eq!(fixture.world.events.of::<OrganizationDeletionStarted>().len(), 1);

        erase_until(&fixture, acme, "projects").await;
        let left = count(&fixture, "projects", "acme").await;
        assert!(0 < left && left < i64::from(PROJECTS), "{left} projects are left");
        assert_eq!(count(&fixture, "organization_members", "acme").await, i64::from(MEMBERS) + 1);

        let deletions = fixture.organizations.deletion.deletions().await.expect("listed");
        let remaining: Vec<_> = deletions[0].remaining.iter().map(|left| (left.table.as_str(), left.rows)).collect();
        assert_eq!((deletions.len(), deletions[0].id), (1, acme));
        assert!(remaining.contains(&("projects", u64::try_from(left).expect("counted"))), "{remaining:?}");
        assert!(remaining.contains(&("organization_members", u64::from(MEMBERS) + 1)), "{remaining:?}");

        erase_until(&fixture, acme, "organization_members").await;
        assert_eq!(count(&fixture, "projects", "acme").await, 0);
        let left = count(&fixture, "organization_members", "acme").await;
        assert!(0 < left && left <= i64::from(MEMBERS), "{left} members are left");
        assert_eq!(fixture.organizations.deletion.pending_deletions().await.expect("listed"), [acme]);

        fixture.organizations.deletion.erase(acme, &|_| {}).await.expect("erased");
        assert_eq!(raw.number("SELECT count(*) FROM organizations").await, 1);
        for table in fixture.world.database.tenant_tables().await.expect("known") {
            let rows = format!("SELECT count(*) FROM {}", table.name());
            let kept = count(&fixture, table.name(), "globex").await;
            assert_eq!(raw.number(&rows).await, kept, "{}", table.name());
        }
        assert_eq!(count(&fixture, "projects", "globex").await, 1);
        assert_eq!(raw.number("SELECT count(*) FROM users").await, users);

        // Each member left once, despite the interruptions.
        let left = fixture.world.events.of::<UserLeftOrganization>();
        assert!(left.iter().all(|left| left.reason == LeaveReason::OrgDeleted));
        let people: BTreeSet<_> = left.iter().map(|left| left.user_id).collect();
        assert_eq!((left.len(), people.len()), (451, 451));
        assert_eq!(fixture.world.events.of::<OrganizationDeleted>().len(), 1);

        // Erasing again does nothing.
        fixture.organizations.deletion.erase(acme, &|_| {}).await.expect("nothing to do");
        assert_eq!(fixture.world.events.of::<OrganizationDeleted>().len(), 1);
    }

    async fn only_marked_organizations_are_erased_and_the_mark_is_final(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let acme = fixture.world.organization("acme").await;
        let ctx = fixture.world.member(acme, Role::Owner).await;
        let admin = fixture.world.member(acme, Role::Admin).await;
        let erased = fixture.organizations.deletion.erase(acme, &|_| {}).await;
        assert!(matches!(erased, Err(OrganizationsError::NotFound)));

        let denied = fixture.organizations.deletion.mark_for_deletion(&admin, "acme").await;
        assert!(matches!(denied, Err(OrganizationsError::PermissionDenied(_))));
        for wrong in ["globex", "", "ACME"] {
            let refused = fixture.organizations.deletion.mark_for_deletion(&ctx, wrong).await;
            assert!(matches!(refused, Err(OrganizationsError::WrongConfirmation)), "{wrong}");
        }
        fixture.organizations.deletion.mark_for_deletion(&ctx, "acme").await.expect("marked");
        let open = tenantry_organizations::OrganizationChange {
            state: Some(tenantry_organizations::OrganizationState::Active),
            ..Default::default()
        };
        let opened = fixture.organizations.operators.change_organization(acme, open, Actor::system()).await;
        assert!(matches!(opened, Err(OrganizationsError::NotFound)));
        let again = fixture.organizations.deletion.mark_for_deletion(&ctx, "acme").await;
        assert!(matches!(again, Err(OrganizationsError::NotFound)));
        // For an operator it is no error: marking is idempotent.
        fixture.organizations.deletion.mark_for_deletion_as(acme, Actor::system()).await.expect("marked");
        assert_eq!(fixture.world.events.of::<OrganizationDeletionStarted>().len(), 1);
    }

    async fn a_deleted_slug_is_quarantined_for_ninety_days(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let user = fixture.world.user("ada").await;
        let make = |slug| NewOrganization { slug, ..named("Acme") };
        let made = fixture.organizations.directory.create_for(user, make(None)).await.expect("made");
        fixture.organizations.deletion.mark_for_deletion_as(made.id, Actor::system()).await.expect("marked");
        let during = fixture.organizations.directory.create_for(user, make(Some(slug("acme")))).await;
        assert!(matches!(during, Err(OrganizationsError::SlugTaken)));
        fixture.organizations.deletion.erase(made.id, &|_| {}).await.expect("erased");

        fixture.world.clock.advance(TimeDelta::days(89));
        let early = fixture.organizations.directory.create_for(user, make(Some(slug("acme")))).await;
        assert!(matches!(early, Err(OrganizationsError::SlugTaken)));
        let suggested = fixture.organizations.directory.create_for(user, make(None)).await.expect("made");
        assert!(suggested.slug.as_str().starts_with("acme-"), "{}", suggested.slug);

        fixture.world.clock.advance(TimeDelta::days(2));
        let late = fixture.organizations.directory.create_for(user, make(Some(slug("acme")))).await.expect("made");
        // And a second time.
        fixture.organizations.deletion.mark_for_deletion_as(late.id, Actor::system()).await.expect("marked");
        fixture.organizations.deletion.erase(late.id, &|_| {}).await.expect("erased");
        let again = fixture.organizations.directory.create_for(user, make(Some(slug("acme")))).await;
        assert!(matches!(again, Err(OrganizationsError::SlugTaken)));
    }

    async fn jobs_and_schedules_go_with_their_organization(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let raw = &fixture.world.raw;
        let acme = fixture.world.organization("acme").await;
        let globex = fixture.world.organization("globex").await;
        let acme = fixture.world.member(acme, Role::Owner).await;
        let globex = fixture.world.member(globex, Role::Owner).await;
        for ctx in [&acme, &acme, &globex] {
            enqueue(&fixture, ctx).await;
        }
        let next = fixture.world.runtime().now();
        fixture.world.queue.set_schedule("test.remind", acme.organization(), "0 8 * * * UTC", next)
            .await.expect("set");
        let deletion = &fixture.organizations.deletion;
        deletion.mark_for_deletion_as(acme.organization(), Actor::system()).await.expect("marked");
        let erased = fixture.world.failpoints.close("organizations.batch_erased");
        let (done, ()) = tokio::join!(deletion.erase(acme.organization(), &|_| {}), async {
            erased.reached(1).await;
            // A request that began before the mark.
            enqueue(&fixture, &acme).await;
            erased.open();
        });
        done.expect("erased");
        assert_eq!(raw.number("SELECT count(*) FROM jobs").await, 1);
        let queued = "SELECT count(*) FROM event_deliveries WHERE number <= 0";
        assert_eq!(raw.number(queued).await, 1, "the other organization's");
    }

    async fn every_tenant_table_is_erased_children_first(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        let tables = fixture.world.database.tenant_tables().await.expect("known");
        let names: Vec<_> = tables.iter().map(|table| table.name()).collect();
        let place = |name: &str| {
            names.iter().position(|other| *other == name).unwrap_or_else(|| panic!("{name} is not in {names:?}"))
        };
        assert!(place("api_tokens") < place("organization_members"));
        for name in ["projects", "invitations"] {
            place(name);
        }
        assert!(!names.contains(&"organizations") && !names.contains(&"users"));

        fixture.world.raw.execute("CREATE TABLE odd (organization_id uuid, name text, PRIMARY KEY (organization_id, name))").await;
        let odd = fixture.world.database.tenant_tables().await;
        assert!(odd.is_err_and(|error| error.to_string().contains("odd")));
    }

    async fn a_batch_resumes_after_the_last_one_without_a_table_scan(db: TestDatabase) {
        let fixture = Fixture::saas(db).await;
        for slug in ["acme", "globex"] {
            fixture.world.organization(slug).await;
        }
        fill(&fixture, "globex", PROJECTS, 1).await;
        fixture.world.raw.execute("UPDATE users SET email = 'other@example.com'").await;
        fill(&fixture, "acme", PROJECTS, 1).await;
        fixture.world.raw.execute("ANALYZE").await;
        let acme = fixture.organizations.directory.find_by_slug(&slug("acme")).await.expect("found").expect("there").id;
        fixture.organizations.deletion.mark_for_deletion_as(acme, Actor::system()).await.expect("marked");
        let (erased, sent) = statements(fixture.organizations.deletion.erase(acme, &|_| {})).await;
        erased.expect("erased");
        let batches = sent.iter().filter(|sql| sql.contains("DELETE FROM \"projects\""));
        let batches: Vec<_> = batches.collect();
        assert_eq!(batches.len(), 3, "{sent:#?}");

        let plan = fixture.world.raw.plan(batches[0]).await;
        println!("{plan}\n");
        let scans = plan.contains("Seq Scan") || plan.contains("SCAN ");
        assert!(!scans, "{plan}");
        let enters = plan.contains("Index Cond: ((organization_id = $1) AND (id > $2))")
            || plan.contains("(organization_id=?)");
        assert!(enters, "{plan}");
    }
}
