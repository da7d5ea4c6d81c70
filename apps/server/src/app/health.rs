//! Whether this process lives, and whether it should get requests.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{http::StatusCode, web};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tenantry_core::http::{Access, Draining, Problem, Routes};
use tenantry_migrations::{self as migrations, MigrationError};
use tenantry_organizations::{OrganizationsError, OrganizationsService};
use tokio::{sync::Mutex, time::timeout};

use crate::settings::DatabaseUrl;

/// How long the database may take to answer before it counts as away.
const PATIENCE: Duration = Duration::from_millis(900);

const NOT_READY: &str = "not_ready";

const AWAY: &str = "the database is away";

/// The routes.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/health/live", Access::anyone(), live)
        .says("get_liveness", "Whether the process lives")
        .get("/health/ready", Access::anyone(), ready)
        .says("get_readiness", "Whether it should get requests")
        .refuses_as(StatusCode::SERVICE_UNAVAILABLE, NOT_READY)
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
    draining: Draining,
    /// Anybody may ask, and each answer takes a connection: one at a time, and whoever waited
    /// meanwhile has the same answer, of the moment when it was asked for.
    last: Mutex<Option<(Instant, Option<&'static str>)>>,
}

impl Readiness {
    pub(super) fn new(
        database: DatabaseUrl,
        organizations: Arc<dyn OrganizationsService>,
        draining: Draining,
    ) -> Self {
        Self {
            database,
            organizations,
            draining,
            last: Mutex::default(),
        }
    }

    /// What is in the way. Each obstacle hides the ones after it.
    async fn obstacle(&self) -> Option<&'static str> {
        if self.draining.is_begun() {
            return Some("draining");
        }
        let arrived = Instant::now();
        let mut last = self.last.lock().await;
        if let Some((asked, answer)) = *last
            && asked >= arrived
        {
            return answer;
        }
        let asked = Instant::now();
        let answer = self.look().await;
        *last = Some((asked, answer));
        answer
    }

    async fn look(&self) -> Option<&'static str> {
        let asked = migrations::pending(self.database.expose());
        let Ok(pending) = timeout(PATIENCE, asked).await else {
            return Some(AWAY);
        };
        match pending {
            Ok(pending) if pending.is_empty() => {}
            Ok(_) => return Some("migrations are pending"),
            Err(MigrationError::Unknown(_)) => {
                return Some("the database was migrated by another version");
            }
            Err(error) => {
                tracing::warn!(%error, "not ready");
                return Some(AWAY);
            }
        }
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
