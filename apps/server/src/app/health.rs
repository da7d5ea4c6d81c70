//! Whether this process lives, and whether it should get requests.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{http::StatusCode, web};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tenantry_core::error::ErrorCode;
use tenantry_http::{Access, Problem, Routes, ShutdownFlag};
use tenantry_migrations::{self as migrations, MigrationError};
use tenantry_organizations::{OrganizationsError, OrganizationsService};
use tokio::{sync::Mutex, time::timeout};

use crate::settings::DatabaseUrl;

/// How long the database may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_millis(900);

/// For how long the tables that were there go on to be there, so that looks cost nothing however
/// many there are; whoever decides where requests go asks less often.
const GOOD_FOR: Duration = Duration::from_secs(1);

const NOT_READY: &str = "not_ready";

/// The code of these routes, for the reference of error codes.
pub(super) const ERROR_CODES: &[ErrorCode] = &[ErrorCode::new(
    NOT_READY,
    "Only `GET /health/ready`: the server should get no requests; `reasons` says why.",
    "Send requests to another process; `docs/troubleshooting.md` lists the reasons.",
)];

const AWAY: &str = "the database is away";

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/health/live", Access::anyone(), live)
        .says("get_liveness", "Whether the process lives")
        .get("/health/ready", Access::anyone(), ready)
        .says("get_readiness", "Whether it should get requests")
        .error_code(StatusCode::SERVICE_UNAVAILABLE, NOT_READY)
}

/// How the process fares.
#[derive(Serialize, JsonSchema)]
struct Health {
    #[schemars(extend("enum" = ["live", "ready"]))]
    status: &'static str,
}

async fn live() -> web::Json<Health> {
    web::Json(Health { status: "live" })
}

async fn ready(readiness: web::Data<Readiness>) -> Result<web::Json<Health>, Problem> {
    match readiness.obstacle().await {
        None => Ok(web::Json(Health { status: "ready" })),
        Some(reason) => {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            let problem = Problem::new(status, NOT_READY, format!("not ready: {reason}"));
            Err(problem.with_member("reasons", json!([reason])))
        }
    }
}

/// Finds out whether requests could be answered.
pub(super) struct Readiness {
    database: DatabaseUrl,
    organizations: Arc<dyn OrganizationsService>,
    draining: ShutdownFlag,
    /// Of the database.
    tables: Shared,
}

impl Readiness {
    pub(super) fn new(
        database: DatabaseUrl,
        organizations: Arc<dyn OrganizationsService>,
        draining: ShutdownFlag,
    ) -> Self {
        Self {
            database,
            organizations,
            draining,
            tables: Shared::new(GOOD_FOR),
        }
    }

    /// What is in the way. Each obstacle hides the ones after it.
    async fn obstacle(&self) -> Option<&'static str> {
        if self.draining.is_set() {
            return Some("draining");
        }
        let tables = self.tables.look(|| look_at_tables(&self.database)).await;
        match tables {
            Some(obstacle) => Some(obstacle),
            None => self.look_at_organization().await,
        }
    }

    async fn look_at_organization(&self) -> Option<&'static str> {
        match self.organizations.dedicated().await {
            Ok(_) => None,
            Err(OrganizationsError::DedicatedMissing) => {
                Some("the organization of this deployment is missing or disabled")
            }
            Err(error) => {
                tracing::warn!(%error, "not ready");
                Some(AWAY)
            }
        }
    }
}

/// Whether the database answers, and has the tables of this version.
async fn look_at_tables(database: &DatabaseUrl) -> Option<&'static str> {
    let asked = migrations::pending(database.expose());
    let Ok(pending) = timeout(PATIENCE, asked).await else {
        return Some(AWAY);
    };
    match pending {
        Ok(pending) if pending.is_empty() => None,
        Ok(_) => Some("migrations are pending"),
        Err(MigrationError::Unknown(_)) => Some("the database was migrated by another version"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Some(AWAY)
        }
    }
}

/// What one look found, for all who ask about the same time: anybody may, and each look takes a
/// connection of its own to the database.
struct Shared {
    /// For how long nothing in the way goes on to be nothing in the way.
    good_for: Duration,
    last: Mutex<Option<Look>>,
}

#[derive(Clone, Copy)]
struct Look {
    begun: Instant,
    obstacle: Option<&'static str>,
}

impl Shared {
    fn new(good_for: Duration) -> Self {
        let last = Mutex::default();
        Self { good_for, last }
    }

    /// One looks at a time. Whoever waited meanwhile has the same answer if the look began after
    /// he came, and so has who comes soon after a good one. An obstacle is looked at again: it may
    /// be gone.
    async fn look<F>(&self, look: impl FnOnce() -> F) -> Option<&'static str>
    where
        F: Future<Output = Option<&'static str>>,
    {
        let arrived = Instant::now();
        let mut last = self.last.lock().await;
        if let Some(Look { begun, obstacle }) = *last {
            let is_good = obstacle.is_none() && begun.elapsed() < self.good_for;
            if begun >= arrived || is_good {
                return obstacle;
            }
        }
        let begun = Instant::now();
        let obstacle = look().await;
        *last = Some(Look { begun, obstacle });
        obstacle
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    const LONG: Duration = Duration::from_secs(3600);

    #[tokio::test]
    async fn one_good_look_is_for_all_who_ask_soon_after() {
        let (shared, looks) = (Shared::new(LONG), AtomicUsize::new(0));
        let look = async || {
            looks.fetch_add(1, Ordering::Relaxed);
            None
        };
        for _ in 0..100 {
            assert_eq!(shared.look(look).await, None);
        }
        assert_eq!(looks.into_inner(), 1);
    }

    #[tokio::test]
    async fn a_good_look_does_not_hide_for_long_what_came_after_it() {
        let shared = Shared::new(Duration::ZERO);
        assert_eq!(shared.look(async || None).await, None);
        assert_eq!(shared.look(async || Some(AWAY)).await, Some(AWAY));
    }

    #[tokio::test]
    async fn an_obstacle_is_looked_at_again_by_whoever_comes_after_it() {
        let shared = Shared::new(LONG);
        assert_eq!(shared.look(async || Some(AWAY)).await, Some(AWAY));
        assert_eq!(shared.look(async || None).await, None);
    }

    #[tokio::test]
    async fn those_who_wait_for_a_look_share_the_next_one() {
        let (shared, looks) = (Shared::new(LONG), AtomicUsize::new(0));
        let look = async || {
            looks.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Some(AWAY)
        };
        let found = join_all((0..100).map(|_| shared.look(look))).await;
        assert!(found.into_iter().all(|obstacle| obstacle == Some(AWAY)));
        let looks = looks.into_inner();
        assert!(looks <= 2, "{looks}");
    }
}
