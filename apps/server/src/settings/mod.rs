//! Everything an operator can set, read once and checked as a whole.
//!
//! Later layers win: the defaults, the file `tenantry.toml`, the file `.env`, the environment.
//! Every value is read as text and parsed here, so that all mistakes are reported together, by
//! the name of the variable, before anything is opened.
//!
//! - [`Settings`]: the valid values
//! - [`Inputs`]: the layers, as text; [`Settings::parse`] is a pure function of them
//! - [`Mistakes`]: what is wrong, all of it
//! - [`catalog`]: which settings there are

mod auth;
pub mod catalog;
mod database;
mod database_url;
mod deployment;
mod events;
mod inputs;
mod limits;
mod log;
mod merge;
mod metrics;
mod mistake;
mod nats;
mod organizations;
mod otel;
mod projects;
mod reader;
mod server;
mod session;
mod shown;

use tenantry_core::deployment::Deployment;
use tenantry_organizations::Policy;

pub use auth::AuthSettings;
pub use database::DatabaseSettings;
pub use database_url::DatabaseUrl;
pub use events::EventSettings;
pub use inputs::Inputs;
pub use limits::{LimitSettings, Rates};
pub use log::{LogFormat, LogSettings};
pub use metrics::MetricsSettings;
pub use mistake::{Mistake, Mistakes};
#[cfg(feature = "otel")]
pub use otel::Collector;
pub use otel::OtelSettings;
pub use projects::ProjectSettings;
pub(crate) use server::reachable;
pub use server::{PublicUrl, ServerSettings};
pub(crate) use session::SECRET_BYTES;
pub use session::SessionSettings;
pub use shown::ShownSetting;

use reader::Reader;

/// All settings, valid.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The database.
    pub database: DatabaseSettings,
    /// For many customers, or for one.
    pub deployment: Deployment,
    /// What is decided once for all organizations.
    pub organizations: Policy,
    /// Where to listen.
    pub server: ServerSettings,
    /// How long people stay signed in, and the secret behind it.
    pub session: SessionSettings,
    /// Who may have an account.
    pub auth: AuthSettings,
    /// How much is too much.
    pub limits: LimitSettings,
    /// How long what happened is remembered, and who else is told.
    pub events: EventSettings,
    /// What the projects module does by itself.
    pub projects: ProjectSettings,
    /// Whether and where to answer with metrics.
    pub metrics: MetricsSettings,
    /// Who gets the traces.
    pub otel: OtelSettings,
    /// What is logged, and how.
    pub log: LogSettings,
    shown: Vec<ShownSetting>,
}

impl Settings {
    /// The settings of this process: its environment, and the files in its directory.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn load() -> Result<Self, Mistakes> {
        let (inputs, mistakes) = Inputs::of_process();
        Self::assemble(&inputs, mistakes)
    }

    /// The settings that the layers add up to.
    ///
    /// # Errors
    /// All mistakes at once.
    pub fn parse(inputs: &Inputs) -> Result<Self, Mistakes> {
        Self::assemble(inputs, Mistakes::default())
    }

    fn assemble(inputs: &Inputs, mut mistakes: Mistakes) -> Result<Self, Mistakes> {
        let given = merge::merge(inputs, &mut mistakes);
        let mut reader = Reader::new(&given, inputs, mistakes);

        let database = database::read(&mut reader);
        let url = database.as_ref().map(|database| &database.url);
        let deployment = deployment::read(&mut reader);
        let organizations = organizations::read(&mut reader);
        let server = server::read(&mut reader);
        let session = session::read(&mut reader, url);
        let auth = auth::read(&mut reader);
        let limits = limits::read(&mut reader);
        let events = events::read(&mut reader);
        let projects = projects::read(&mut reader);
        let metrics = metrics::read(&mut reader);
        let otel = otel::read(&mut reader);
        let log = log::read(&mut reader);

        let mistakes = reader.finish();
        let settings = || {
            Some(Self {
                database: database?,
                deployment: deployment?,
                organizations: organizations?,
                server: server?,
                session: session?,
                auth: auth?,
                limits: limits?,
                events: events?,
                projects: projects?,
                metrics: metrics?,
                otel: otel?,
                log: log?,
                shown: shown::all(&given),
            })
        };
        mistakes.none_or(settings)
    }

    /// Every setting and its value, secrets hidden.
    #[must_use]
    pub fn shown(&self) -> &[ShownSetting] {
        &self.shown
    }
}
