//! Liveness and readiness of the process.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{http::StatusCode, web};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tenantry_core::{db::DatabaseUrl, error::ErrorCode};
use tenantry_http::{Access, Problem, Routes, ShutdownFlag};
use tenantry_migrations::{self as migrations, MigrationError};
use tenantry_organizations::{DirectoryService, OrganizationsError};
use tokio::{sync::Mutex, time::timeout};

/// How long the database may take to respond before it counts as down.
const CHECK_TIMEOUT: Duration = Duration::from_millis(900);

/// How long a successful check is reused. It bounds the load on the database however
/// often readiness is queried; load balancers poll less often than this.
const CACHE_TTL: Duration = Duration::from_secs(1);

const NOT_READY: &str = "not_ready";

/// The code of these routes, for the reference of error codes.
pub(super) const ERROR_CODES: &[ErrorCode] = &[ErrorCode::new(
    NOT_READY,
    "Only `GET /health/ready`: the server should get no requests; `reasons` says why.",
    "Send requests to another process; `docs/troubleshooting.md` lists the reasons.",
)];

const DATABASE_DOWN: &str = "the database is away";

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::new()
        .tag("health", "Whether the server runs and can serve requests")
        .get("/health/live", Access::anyone(), live)
        .operation("get_liveness", "Whether the process lives")
        .get("/health/ready", Access::anyone(), ready)
        .operation("get_readiness", "Whether it should get requests")
        .error_code(StatusCode::SERVICE_UNAVAILABLE, NOT_READY)
}

/// The state of the process.
#[derive(Serialize, JsonSchema)]
struct Health {
    #[schemars(extend("enum" = ["live", "ready"]))]
    status: &'static str,
}

async fn live() -> web::Json<Health> {
    web::Json(Health { status: "live" })
}

async fn ready(readiness: web::Data<Readiness>) -> Result<web::Json<Health>, Problem> {
    match readiness.blocker().await {
        None => Ok(web::Json(Health { status: "ready" })),
        Some(reason) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let problem = Problem::new(status, NOT_READY, format!("not ready: {reason}"));
            Err(problem.with_member("reasons", json!([reason])))
        }
    }
}

/// Checks whether the process can serve requests.
pub(super) struct Readiness {
    database: DatabaseUrl,
    organizations: Arc<dyn DirectoryService>,
    draining: ShutdownFlag,
    checked: CachedCheck,
}

impl Readiness {
    pub(super) fn new(
        database: DatabaseUrl,
        organizations: Arc<dyn DirectoryService>,
        draining: ShutdownFlag,
    ) -> Self {
        Self {
            database,
            organizations,
            draining,
            checked: CachedCheck::new(CACHE_TTL),
        }
    }

    /// The first reason not to serve requests; checks after it are skipped.
    async fn blocker(&self) -> Option<&'static str> {
        if self.draining.is_set() {
            return Some("draining");
        }
        let check = async || match check_schema(&self.database).await {
            Some(blocker) => Some(blocker),
            None => self.check_organization().await,
        };
        self.checked.run(check).await
    }

    async fn check_organization(&self) -> Option<&'static str> {
        match self.organizations.dedicated().await {
            Ok(_) => None,
            Err(OrganizationsError::DedicatedMissing) => {
                Some("the organization of this deployment is missing or disabled")
            }
            Err(error) => {
                tracing::warn!(%error, "not ready");
                Some(DATABASE_DOWN)
            }
        }
    }
}

/// Whether the database responds, and has the schema of this version.
async fn check_schema(database: &DatabaseUrl) -> Option<&'static str> {
    let pending = migrations::pending(database.expose());
    let Ok(pending) = timeout(CHECK_TIMEOUT, pending).await else {
        return Some(DATABASE_DOWN);
    };
    match pending {
        Ok(pending) if pending.is_empty() => None,
        Ok(_) => Some("migrations are pending"),
        Err(MigrationError::Unknown(_)) => Some("the database was migrated by another version"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Some(DATABASE_DOWN)
        }
    }
}

/// Shares one check between concurrent requests: the route is public, and each check opens a
/// connection to the database.
struct CachedCheck {
    /// How long a successful check is reused. A failed one is not: it may be fixed.
    ttl: Duration,
    last: Mutex<Option<Check>>,
}

#[derive(Clone, Copy)]
struct Check {
    started: Instant,
    blocker: Option<&'static str>,
}

impl CachedCheck {
    fn new(ttl: Duration) -> Self {
        let last = Mutex::default();
        Self { ttl, last }
    }

    /// Runs one check at a time. A caller that waited takes the result of a check that started
    /// after the caller arrived, or of a recent successful one.
    async fn run<F>(&self, check: impl FnOnce() -> F) -> Option<&'static str>
    where
        F: Future<Output = Option<&'static str>>,
    {
        let arrived = Instant::now();
        let mut last = self.last.lock().await;
        if let Some(Check { started, blocker }) = *last {
            let is_fresh = blocker.is_none() && started.elapsed() < self.ttl;
            if started >= arrived || is_fresh {
                return blocker;
            }
        }
        let started = Instant::now();
        let blocker = check().await;
        *last = Some(Check { started, blocker });
        blocker
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn a_successful_check_is_shared_while_it_is_fresh() {
        let (cached, checks) = (CachedCheck::new(LONG), AtomicUsize::new(0));
        let check = async || {
            checks.fetch_add(1, Ordering::Relaxed);
            None
        };
        for _ in 0..100 {
            assert_eq!(cached.run(check).await, None);
        }
        assert_eq!(checks.into_inner(), 1);
    }

    #[tokio::test]
    async fn an_expired_check_is_repeated() {
        let cached = CachedCheck::new(Duration::ZERO);
        assert_eq!(cached.run(async || None).await, None);
        assert_eq!(
            cached.run(async || Some(DATABASE_DOWN)).await,
            Some(DATABASE_DOWN)
        );
    }

    #[tokio::test]
    async fn a_failed_check_is_not_reused_by_later_callers() {
        let cached = CachedCheck::new(LONG);
        assert_eq!(
            cached.run(async || Some(DATABASE_DOWN)).await,
            Some(DATABASE_DOWN)
        );
        assert_eq!(cached.run(async || None).await, None);
    }

    #[tokio::test]
    async fn callers_that_wait_for_a_check_share_the_next_one() {
        let (cached, checks) = (CachedCheck::new(LONG), AtomicUsize::new(0));
        let check = async || {
            checks.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Some(DATABASE_DOWN)
        };
        let found = join_all((0..100).map(|_| cached.run(check))).await;
        assert!(
            found
                .into_iter()
                .all(|blocker| blocker == Some(DATABASE_DOWN))
        );
        let checks = checks.into_inner();
        assert!(checks <= 2, "{checks}");
    }
}
