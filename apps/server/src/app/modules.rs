//! Builds the modules and wires them.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret as _;
use tenantry_audit::AuditLog;
use tenantry_core::{
    db::{CursorKey, Database, DatabaseOptions},
    outbox::DeliveryQueue,
    runtime::Runtime,
};
use tenantry_domain_events::EventBus;
use tenantry_organizations::{InvitationBaseUrl, Organizations, OrganizationsDeps};
use tenantry_projects::{ProjectsDeps, ProjectsService};
use tenantry_users::{
    CookieSettings, HashingCapacity, PasswordCost, PasswordHasher, SecurityLog, SessionLifetime,
    UsersDeps, UsersService,
};

use super::{schema, secret::session_secret};
use crate::{Failure, settings::Settings};

/// How long a request waits for a database connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// Every module, on one database.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub database: Database,
    /// Accounts and sessions.
    pub users: Arc<dyn UsersService>,
    /// Organizations, and the context of every request.
    pub organizations: Organizations,
    /// What was done in each organization.
    pub audit: Arc<dyn AuditLog>,
    /// Projects.
    pub projects: Arc<dyn ProjectsService>,
    pub(super) shared: Arc<SharedDeps>,
}

/// What the modules of all workers share; the database is per worker.
pub(super) struct SharedDeps {
    pub(super) cookies: CookieSettings,
    pub(super) public_url: InvitationBaseUrl,
    bus: Arc<EventBus>,
    queue: DeliveryQueue,
    /// Holds the one queue of passwords to hash for the whole process.
    users: UsersDeps,
    organizations: OrganizationsDeps,
}

impl App {
    /// Applies or checks migrations, opens the database and wires the modules.
    ///
    /// # Errors
    /// When the database can't be opened, or its schema is not that of this program.
    pub async fn open(
        settings: &Settings,
        runtime: Runtime,
        cost: PasswordCost,
    ) -> Result<Self, Failure> {
        schema::prepare(&settings.database).await?;

        let secret = session_secret(settings, &runtime)?;
        let secret = secret.expose_secret().as_bytes();
        let lifetime = SessionLifetime {
            idle: settings.session.idle,
            absolute: settings.session.absolute,
        };
        let public = settings.server.public_url.as_ref();
        let secure = public.is_some_and(|url| url.is_https());
        let cookies = CookieSettings::new(secret, secure, lifetime)
            .map_err(|error| Failure::caused_by("the session secret can't be used", &error))?;

        let public_url = InvitationBaseUrl::default();
        if let Some(url) = settings.server.address_in_links() {
            public_url.set_once(&url);
        }

        let bus = EventBus::new();
        let options = DatabaseOptions {
            url: settings.database.url.expose().to_owned(),
            connections: settings.database.connections,
            acquire_timeout: ACQUIRE_TIMEOUT,
            cursor_key: CursorKey::derive(secret),
        };
        let opened = Database::open(options, runtime.clone(), Arc::clone(&bus) as _).await;
        let opened = opened.map_err(|error| {
            let what = format!("{} can't be opened", settings.database.url);
            Failure::caused_by(what, &error)
        })?;
        require_row_security(&opened.database).await?;

        let users = UsersDeps {
            database: opened.database.clone(),
            hasher: PasswordHasher::new(cost, hashing(settings), runtime),
            lifetime,
            tokens: Arc::new(tenantry_organizations::token_revoker()),
            access: SecurityLog::new(opened.database.clone()),
        };
        let organizations = OrganizationsDeps {
            database: opened.database.clone(),
            issuer: opened.issuer,
            users: Arc::new(tenantry_users::service(users.clone())),
            sessions: lifetime,
            deployment: settings.deployment.clone(),
            policy: settings.organizations,
            reserved_slugs: Arc::new(super::reserved_slugs()),
            quotas: vec![tenantry_projects::PROJECTS],
            signup: settings.auth.signup,
            public_url: public_url.clone(),
        };
        let shared = Arc::new(SharedDeps {
            bus,
            queue: opened.queue,
            public_url,
            cookies,
            users,
            organizations,
        });
        let app = Self::build_services(opened.database, shared);
        // All subscriptions, in one place.
        let bus = &app.shared.bus;
        tenantry_organizations::subscribe(bus, Arc::clone(&app.organizations.dedicated));
        tenantry_projects::subscribe(bus, settings.projects.first.clone());
        #[cfg(feature = "nats")]
        if let Some(nats) = settings.events.nats.clone() {
            let runtime = app.database.runtime().clone();
            bus.relay(tenantry_relay_nats::NatsRelay::new(nats, runtime));
        }
        Ok(app)
    }

    /// The event bus with all listeners.
    #[must_use]
    pub fn bus(&self) -> &Arc<EventBus> {
        &self.shared.bus
    }

    /// The queue of pending deliveries.
    #[must_use]
    pub fn queue(&self) -> &DeliveryQueue {
        &self.shared.queue
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

    fn build_services(database: Database, shared: Arc<SharedDeps>) -> Self {
        let users: Arc<dyn UsersService> = Arc::new(tenantry_users::service(UsersDeps {
            database: database.clone(),
            ..shared.users.clone()
        }));
        let organizations = Organizations::new(OrganizationsDeps {
            database: database.clone(),
            users: Arc::clone(&users),
            ..shared.organizations.clone()
        });
        let projects = Arc::new(tenantry_projects::service(ProjectsDeps {
            database: database.clone(),
            quotas: Arc::clone(&organizations.quotas),
        }));
        let audit = Arc::new(tenantry_audit::service(database.clone()));
        Self {
            database,
            users,
            organizations,
            audit,
            projects,
            shared,
        }
    }
}

/// Refuses to start where row-level security does not apply to the application's role.
async fn require_row_security(database: &Database) -> Result<(), Failure> {
    let gaps = database.row_security_gaps().await.map_err(|error| {
        Failure::caused_by("the database's row-level security can't be checked", &error)
    })?;
    if gaps.is_empty() {
        return Ok(());
    }
    let gaps: Vec<_> = gaps.iter().map(ToString::to_string).collect();
    Err(Failure::Failed(gaps.join("\n")))
}

/// A request that waits for a password hash holds a permit. In the worst case all such requests are on
/// one worker; hashing is limited so that half of its permits stay free.
fn hashing(settings: &Settings) -> HashingCapacity {
    let HashingCapacity { concurrency, queue } = HashingCapacity::default();
    let worker = settings
        .limits
        .concurrency
        .for_worker(settings.server.workers);
    let half = worker.requests / 2;
    let concurrency = concurrency.min(half).max(1);
    HashingCapacity {
        concurrency,
        queue: queue.min(half.saturating_sub(concurrency)),
    }
}
