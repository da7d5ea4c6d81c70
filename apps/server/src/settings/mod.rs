//! Everything an operator can configure, read once and validated as a whole.
//!
//! Later layers win: the defaults, the file `tenantry.toml`, the file `.env`, the environment.
//! Every value is read as text and parsed here, so that all errors are reported together, by the name
//! of the variable, before anything is opened.
//!
//! - [`Settings`]: the valid values
//! - [`SettingSources`]: the layers, as text; [`Settings::parse`] is a pure function of them
//! - [`SettingErrors`]: all errors
//! - [`catalog`]: which settings there are

mod auth;
pub mod catalog;
mod database;
mod deployment;
mod dotenv;
mod error;
mod events;
mod limits;
mod log;
mod mail;
mod merge;
mod metrics;
mod nats;
mod organizations;
mod otel;
mod projects;
mod reader;
mod redacted;
mod server;
mod session;
mod sources;
mod web;

use std::net::SocketAddr;

pub use tenantry_core::db::DatabaseUrl;
use tenantry_core::{db::WaitLimits, deployment::Deployment};
use tenantry_organizations::Policy;

pub use auth::AuthSettings;
pub use database::DatabaseSettings;
pub use error::{SettingError, SettingErrors};
pub use events::EventSettings;
pub use limits::{LimitSettings, Rates};
pub use log::{LogFormat, LogSettings};
pub use mail::MailSettings;
pub use metrics::MetricsSettings;
#[cfg(feature = "otel")]
pub use otel::Collector;
pub use otel::OtelSettings;
pub use projects::ProjectSettings;
pub use redacted::RedactedSetting;
pub(crate) use server::reachable;
pub use server::{PublicUrl, ServerSettings};
pub(crate) use session::SECRET_BYTES;
pub use session::SessionSettings;
pub use sources::SettingSources;
pub use web::WebSettings;

use reader::SettingsReader;

/// All settings, valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The database.
    pub database: DatabaseSettings,
    /// The deployment mode: SaaS or dedicated.
    pub deployment: Deployment,
    /// Policies that apply to all organizations.
    pub organizations: Policy,
    /// Where the server listens.
    pub server: ServerSettings,
    /// Lifetime of sessions, and the session secret.
    pub session: SessionSettings,
    /// Who may sign up.
    pub auth: AuthSettings,
    /// Where mails go, and who sends them.
    pub mail: MailSettings,
    /// Limits of requests.
    pub limits: LimitSettings,
    /// Retention of events, and the relay.
    pub events: EventSettings,
    /// Options of the projects module.
    pub projects: ProjectSettings,
    /// The name and the colour of the pages.
    pub web: WebSettings,
    /// Where metrics are served, if at all.
    pub metrics: MetricsSettings,
    /// The collector of traces.
    pub otel: OtelSettings,
    /// Log format and filter.
    pub log: LogSettings,
    redacted: Vec<RedactedSetting>,
    warnings: Vec<SettingError>,
}

impl Settings {
    /// The settings of this process: its environment, and the files in its directory.
    ///
    /// # Errors
    /// All errors together.
    pub fn load() -> Result<Self, SettingErrors> {
        let (sources, errors) = SettingSources::of_process();
        Self::assemble(&sources, errors)
    }

    /// As [`Settings::load`]; the files and folders that addresses of databases name are there.
    ///
    /// # Errors
    /// All errors together; those of files only where there are no others.
    pub(crate) fn load_with_files() -> Result<Self, SettingErrors> {
        let settings = Self::load()?;
        let mut errors = SettingErrors::default();
        settings.database.report_missing(&mut errors);
        errors.none_or(|| Some(settings))
    }

    /// The settings that the layers add up to.
    ///
    /// # Errors
    /// All errors together.
    pub fn parse(sources: &SettingSources) -> Result<Self, SettingErrors> {
        Self::assemble(sources, SettingErrors::default())
    }

    fn assemble(
        sources: &SettingSources,
        mut errors: SettingErrors,
    ) -> Result<Self, SettingErrors> {
        let raw = merge::merge(sources, &mut errors);
        let mut reader = SettingsReader::new(&raw, sources, errors);

        let database = database::read(&mut reader);
        let url = database.as_ref().map(|database| &database.url);
        let deployment = deployment::read(&mut reader);
        let organizations = organizations::read(&mut reader);
        let server = server::read(&mut reader);
        let session = session::read(&mut reader, url);
        let auth = auth::read(&mut reader);
        let mail = mail::read(&mut reader);
        let limits = limits::read(&mut reader);
        let events = events::read(&mut reader);
        let projects = projects::read(&mut reader);
        let web = web::read(&mut reader);
        let address = server
            .as_ref()
            .map(|server| SocketAddr::new(server.host, server.port));
        let metrics = metrics::read(&mut reader, address);
        let otel = otel::read(&mut reader);
        let log = log::read(&mut reader);

        let (errors, warnings) = reader.finish();
        let settings = || {
            Some(Self {
                database: database?,
                deployment: deployment?,
                organizations: organizations?,
                server: server?,
                session: session?,
                auth: auth?,
                mail: mail?,
                limits: limits?,
                events: events?,
                projects: projects?,
                web: web?,
                metrics: metrics?,
                otel: otel?,
                log: log?,
                redacted: redacted::all(&raw),
                warnings,
            })
        };
        errors.none_or(settings)
    }

    /// Settings that are valid and have no effect.
    #[must_use]
    pub fn warnings(&self) -> &[SettingError] {
        &self.warnings
    }

    /// How long a session of Postgres waits: never longer than a request.
    #[must_use]
    pub fn waits(&self) -> WaitLimits {
        self.database.waits.at_most(self.limits.timeouts.request)
    }

    /// Every setting and its value, secrets hidden.
    #[must_use]
    pub fn redacted(&self) -> &[RedactedSetting] {
        &self.redacted
    }
}
