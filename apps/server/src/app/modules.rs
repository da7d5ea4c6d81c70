//! The services of all modules, built on one database.

use std::sync::Arc;

use tenantry_core::{db::Database, deployment::Deployment, outbox::DeliveryQueue};
use tenantry_domain_events::{Deliveries, EventBus, JobOperations};
use tenantry_mail::{Mailer, Sender};
use tenantry_organizations::{BaseUrl, Organizations, OrganizationsDeps};
use tenantry_users::{CookieSettings, PasswordHasher, SecurityLog, UsersDeps, UsersService};

use crate::settings::ProjectSettings;

/// Every module, on one database.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub database: Database,
    /// Accounts and sessions.
    pub users: Arc<dyn UsersService>,
    /// Organizations, and the context of every request.
    pub organizations: Organizations,
    pub(super) shared: Arc<SharedDeps>,
}

/// What the modules of all workers share; the database is per worker.
pub(super) struct SharedDeps {
    pub(super) cookies: CookieSettings,
    pub(super) public_url: BaseUrl,
    pub(super) bus: Arc<EventBus>,
    pub(super) queue: DeliveryQueue,
    /// Holds the one queue of passwords to hash for the whole process.
    pub(super) users: UsersDeps,
    pub(super) organizations: OrganizationsDeps,
    pub(super) mailer: Arc<dyn Mailer>,
    pub(super) sender: Sender,
    pub(super) projects: ProjectSettings,
    #[cfg(feature = "web")]
    pub(super) brand: Arc<tenantry_web::Brand>,
    /// Whether the login page may show a demo account: on a server without a public address.
    #[cfg(feature = "web")]
    pub(super) shows_demo: bool,
}

impl App {
    /// The event bus with all listeners.
    #[must_use]
    pub fn bus(&self) -> &Arc<EventBus> {
        &self.shared.bus
    }

    /// The deployment mode.
    #[must_use]
    pub fn deployment(&self) -> &Deployment {
        &self.shared.organizations.deployment
    }

    /// The queue of pending deliveries.
    #[must_use]
    pub fn queue(&self) -> &DeliveryQueue {
        &self.shared.queue
    }

    /// The deliveries that are pending, for operators.
    #[must_use]
    pub fn deliveries(&self) -> Deliveries {
        Deliveries::of(self.bus(), self.queue().clone())
    }

    /// The jobs of all organizations, for operators.
    #[must_use]
    pub fn jobs(&self) -> JobOperations {
        JobOperations::of(self.bus(), self.queue().clone())
    }

    /// The password hasher, shared by all workers.
    pub(super) fn hasher(&self) -> &PasswordHasher {
        &self.shared.users.hasher
    }

    /// The security log, which buffers denials before it records them.
    #[must_use]
    pub fn access_log(&self) -> &Arc<SecurityLog> {
        &self.shared.users.access
    }

    /// The same modules with a separate connection pool, for one worker of the server.
    pub(super) fn for_worker(&self) -> Self {
        Self::build_services(self.database.for_worker(), Arc::clone(&self.shared))
    }

    pub(super) fn build_services(database: Database, shared: Arc<SharedDeps>) -> Self {
        let users: Arc<dyn UsersService> = Arc::new(tenantry_users::service(UsersDeps {
            database: database.clone(),
            ..shared.users.clone()
        }));
        let organizations = Organizations::new(OrganizationsDeps {
            database: database.clone(),
            users: Arc::clone(&users),
            ..shared.organizations.clone()
        });
        Self {
            database,
            users,
            organizations,
            shared,
        }
    }
}
