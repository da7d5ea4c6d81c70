//! A job that inserts a mark, its handler, and organizations.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tenantry_core::{
    access::{Actor, Grant, Role},
    db::UnitOfWork,
    job::{Job, NewJob},
    orm::Set,
    outbox::JobBacklog,
};
use tenantry_domain_events::{JobContext, JobHandler, JobOperations, ListenerError};
use tenantry_testkit::Backend;
use tokio::sync::Notify;

use crate::support::{Behavior, Fixture, LeaveMarks, mark, organization, process::Process, user};

/// Inserts a mark with this number.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct LeaveMark {
    pub(super) number: i64,
}

impl Job for LeaveMark {
    const NAME: &'static str = "test.leave_mark";
}

pub(super) const NAME: &str = LeaveMark::NAME;

/// The handler of [`LeaveMark`].
#[derive(Clone)]
pub(super) struct Marker {
    behavior: Arc<dyn Fn(LeaveMark) -> Behavior + Send + Sync>,
    pub(super) calls: Arc<AtomicUsize>,
    /// Notified after each insert.
    pub(super) wrote: Arc<Notify>,
}

impl Marker {
    pub(super) fn new() -> Self {
        Self::with(|_| Behavior::Fine)
    }

    pub(super) fn with(behavior: impl Fn(LeaveMark) -> Behavior + Send + Sync + 'static) -> Self {
        Self {
            behavior: Arc::new(behavior),
            calls: Arc::default(),
            wrote: Arc::default(),
        }
    }
}

#[async_trait]
impl JobHandler<LeaveMark> for Marker {
    async fn run(&self, job: LeaveMark, context: &mut JobContext) -> Result<(), ListenerError> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let behavior = (self.behavior)(job);
        match &behavior {
            Behavior::Hangs => std::future::pending().await,
            Behavior::WaitsFirst(release) => release.notified().await,
            _ => {}
        }
        let grant = context.tenant_context().require::<LeaveMarks>()?;
        insert(context.work(), &grant, job.number).await?;
        self.wrote.notify_one();
        match behavior {
            Behavior::Fails => Err("as this test wants".into()),
            Behavior::Panics => panic!("as this test wants"),
            Behavior::WaitsLast(release) => {
                release.notified().await;
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

pub(super) async fn insert(
    work: &mut UnitOfWork,
    grant: &Grant<LeaveMarks>,
    number: i64,
) -> Result<(), ListenerError> {
    let id = work.runtime().new_id();
    let row = mark::ActiveModel {
        id: Set(id),
        listener: Set(NAME.to_owned()),
        number: Set(number),
        ..Default::default()
    };
    work.tenant(grant)
        .await?
        .insert::<mark::Entity>(row)
        .await?;
    Ok(())
}

impl Fixture {
    /// A fixture with these organizations.
    pub(super) async fn with_organizations(self, count: u128) -> Self {
        for n in 1..=count {
            self.found(n).await;
        }
        self
    }

    /// Founds an organization.
    pub(super) async fn found(&self, n: u128) {
        let id = self.id(n);
        let sql = format!(
            "INSERT INTO organizations (id, name, name_key, search_key, sort_key, slug, is_active,
               created_at, updated_at)
             VALUES ({id}, 'o{n}', 'o{n}', 'o{n}', 'o{n}', 'o{n}', TRUE,
               '2026-01-05T09:00:00+00:00', '2026-01-05T09:00:00+00:00')"
        );
        self.raw.execute(&sql).await;
    }

    /// The id of an organization, as SQL.
    pub(super) fn id(&self, n: u128) -> String {
        match self.raw.backend() {
            Backend::Sqlite => format!("x'{n:032x}'"),
            Backend::Postgres => format!("'{n:032x}'"),
        }
    }

    /// Suspends an organization, or enables it.
    pub(super) async fn set_active(&self, n: u128, active: bool) {
        let id = self.id(n);
        let sql = format!("UPDATE organizations SET is_active = {active} WHERE id = {id}");
        self.raw.execute(&sql).await;
    }

    /// Sets the time zone of an organization.
    pub(super) async fn set_zone(&self, n: u128, zone: &str) {
        let id = self.id(n);
        let settings = format!(r#"{{"preferences": {{"timezone": "{zone}"}}}}"#);
        let sql = format!("UPDATE organizations SET settings = '{settings}' WHERE id = {id}");
        self.raw.execute(&sql).await;
    }

    /// The numbers of the marks of jobs, in the order of insertion.
    pub(super) async fn done(&self) -> Vec<i64> {
        self.numbers(NAME).await
    }

    /// The marks of jobs in one organization.
    pub(super) async fn done_in(&self, n: u128) -> usize {
        let marks = self.marks(NAME).await.into_iter();
        marks
            .filter(|mark| mark.stream == organization(n).to_string())
            .count()
    }

    /// How many rows of jobs are stored.
    pub(super) async fn stored(&self) -> i64 {
        self.raw.number("SELECT count(*) AS n FROM jobs").await
    }
}

impl Process {
    /// A unit of work in an organization, and its grant.
    pub(super) fn begin(&self, n: u128) -> (UnitOfWork, Grant<LeaveMarks>) {
        let actor = Actor {
            user: Some(user(7)),
            ..Actor::system()
        };
        let context = self
            .issuer
            .tenant(organization(n), user(7), Role::Owner, actor);
        let grant = context.require::<LeaveMarks>().expect("an owner");
        (self.database.begin(&grant), grant)
    }

    /// Enqueues a job of an organization.
    pub(super) async fn enqueue(&self, n: u128, job: impl Into<NewJob>) {
        let (mut work, grant) = self.begin(n);
        work.enqueue(&grant, job);
        work.commit().await.expect("committed");
    }

    /// Enqueues jobs with the numbers up to `count`.
    pub(super) async fn enqueue_many(&self, n: u128, count: i64) {
        let (mut work, grant) = self.begin(n);
        for number in 1..=count {
            work.enqueue(&grant, LeaveMark { number });
        }
        work.commit().await.expect("committed");
    }

    pub(super) fn operations(&self) -> JobOperations {
        JobOperations::of(&self.bus, self.queue.clone())
    }

    pub(super) async fn job_backlog(&self) -> JobBacklog {
        let backlog = self.queue.job_backlog().await.expect("queried");
        let found = backlog.into_iter().find(|it| it.job == NAME);
        found.unwrap_or_else(|| JobBacklog::none(NAME))
    }
}
