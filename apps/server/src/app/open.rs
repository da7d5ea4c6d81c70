//! Opens the database and builds the services.

use std::{sync::Arc, time::Duration};

use secrecy::ExposeSecret as _;
use tenantry_core::{
    db::{CursorKey, Database, DatabaseOptions, DbError, RlsGap},
    link_key::LinkKey,
    runtime::Runtime,
};
use tenantry_domain_events::EventBus;
use tenantry_migrations::PUBLISHED;
use tenantry_organizations::{BaseUrl, OrganizationsDeps};
use tenantry_users::{
    CookieSettings, FactorKey, FactorSettings, HashingCapacity, PasswordCost, PasswordHasher,
    RelyingParty, SecurityLog, SessionLifetime, UsersDeps,
};

use super::{App, MODULES, modules::SharedDeps, reserved_slugs, schema, secret::session_secret};
use crate::{Failure, settings::Settings};

/// How long a request waits for a database connection before it fails.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

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

        let public_url = BaseUrl::default();
        let relying_party = RelyingParty::new(secret);
        if let Some(url) = settings.server.address_in_links() {
            public_url.set_once(&url);
            relying_party.set_once(&url);
        }

        let bus = EventBus::new();
        let options = DatabaseOptions {
            url: settings.database.url.expose().to_owned(),
            connections: settings.database.connections,
            acquire_timeout: ACQUIRE_TIMEOUT,
            waits: settings.waits(),
            cursor_key: CursorKey::derive(secret),
        };
        let opened = Database::open(options, runtime.clone(), Arc::clone(&bus) as _).await;
        let opened = opened.map_err(|error| {
            let what = format!("{} can't be opened", settings.database.url);
            Failure::caused_by(what, &error)
        })?;
        require_row_security(settings, &opened.database).await?;

        let users = UsersDeps {
            database: opened.database.clone(),
            hasher: PasswordHasher::new(cost, hashing(settings), runtime),
            lifetime,
            tokens: Arc::new(tenantry_organizations::token_revoker()),
            access: SecurityLog::new(opened.database.clone()),
            link_key: LinkKey::derive(secret),
            mails_per_hour: settings.limits.rates.mails,
            factors: FactorSettings {
                key: FactorKey::derive(secret),
                issuer: settings.mail.from.name().to_string(),
            },
            relying_party,
            verification: settings.auth.verification,
        };
        let organizations = OrganizationsDeps {
            database: opened.database.clone(),
            issuer: opened.issuer,
            users: Arc::new(tenantry_users::service(users.clone())),
            sessions: lifetime,
            deployment: settings.deployment.clone(),
            policy: settings.organizations,
            reserved_slugs: Arc::new(reserved_slugs()),
            quotas: MODULES.iter().flat_map(|module| module.quotas()).collect(),
            signup: settings.auth.signup,
            public_url: public_url.clone(),
            link_key: LinkKey::derive(secret),
            mail_reaches_people: settings.mail.url.reaches_people(),
        };
        let mail = &settings.mail;
        let mailer = tenantry_mail::mailer(&mail.url, &mail.from)
            .map_err(|error| Failure::caused_by("mail can't be sent", &error))?;
        let shared = Arc::new(SharedDeps {
            mailer,
            sender: mail.from.clone(),
            bus,
            queue: opened.queue,
            public_url,
            cookies,
            users,
            organizations,
            projects: settings.projects.clone(),
            #[cfg(feature = "web")]
            brand: Arc::new(settings.web.brand.clone()),
            #[cfg(feature = "web")]
            shows_demo: settings.server.public_url.is_none(),
        });
        let app = Self::build_services(opened.database, shared);
        // All subscriptions, in one place.
        let bus = &app.shared.bus;
        for module in MODULES {
            module.subscribe(&app, bus);
        }
        #[cfg(feature = "nats")]
        if let Some(nats) = settings.events.nats.clone() {
            let runtime = app.database.runtime().clone();
            bus.relay(tenantry_relay_nats::NatsRelay::new(nats, runtime));
        }
        Ok(app)
    }
}

/// Refuses to start where row-level security does not apply to the application's role.
async fn require_row_security(settings: &Settings, database: &Database) -> Result<(), Failure> {
    let gaps = row_security_gaps(settings, database)
        .await
        .map_err(|error| {
            Failure::caused_by("the database's row-level security can't be checked", &error)
        })?;
    if gaps.is_empty() {
        return Ok(());
    }
    let gaps = RlsGap::by_remedy(&gaps).into_iter();
    let lines: Vec<_> = gaps
        .map(|(problem, remedy)| format!("{problem}: {remedy}"))
        .collect();
    Err(Failure::Failed(lines.join("\n")))
}

/// The gaps in row-level security. What a newer version published is none: this version may run beside
/// it.
pub(crate) async fn row_security_gaps(
    settings: &Settings,
    database: &Database,
) -> Result<Vec<RlsGap>, DbError> {
    let mut gaps = database.row_security_gaps(&PUBLISHED).await?;
    let is_of_owner = |gap: &RlsGap| matches!(gap, RlsGap::OwnersRights { .. });
    if gaps.iter().any(is_of_owner) {
        // Without an answer there is no newer version.
        let newer = tenantry_migrations::newer(settings.database.url.expose()).await;
        if newer.is_ok_and(|newer| !newer.is_empty()) {
            gaps.retain(|gap| !is_of_owner(gap));
        }
    }
    Ok(gaps)
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
