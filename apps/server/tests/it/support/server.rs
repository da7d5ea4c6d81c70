//! A server in the test's process.

use std::{env, path::Path, process};

use tenantry::{
    app::{self, App, RunningServer},
    settings::{SettingSources, Settings},
};
use tenantry_core::{db::Backend, runtime::Runtime};
use tenantry_testkit::{ApiClient, TestDatabase, record_statements};
use tenantry_users::PasswordCost;

use super::{Contract, SECRET, UNLIMITED};

/// A server on a free port, on the test's database. Stops on drop.
pub(crate) struct TestServer {
    /// The modules, for preparation that the API does not allow.
    pub(crate) app: App,
    running: RunningServer,
}

impl TestServer {
    /// A server with the default test settings.
    pub(crate) async fn start(database: &TestDatabase) -> Self {
        Self::start_with(database, |_| {}).await
    }

    /// A server with adjusted settings.
    pub(crate) async fn start_with(
        database: &TestDatabase,
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = Self::settings(database);
        adjust(&mut settings);
        Self::run(&settings).await
    }

    /// A server with additional environment variables.
    pub(crate) async fn start_as(database: &TestDatabase, variables: &[(&str, &str)]) -> Self {
        Self::run(&settings(database, variables)).await
    }

    async fn run(settings: &Settings) -> Self {
        // `scripts/record-release.sh` sets it.
        if let Some(folder) = env::var_os("TENANTRY_RECORD") {
            let name = match settings.database.url.backend() {
                Backend::Sqlite => "sqlite",
                Backend::Postgres => "postgres",
            };
            let name = format!("{name}-{}", process::id());
            record_statements(&Path::new(&folder).join(name));
        }
        let app = App::open(settings, Runtime::system(), PasswordCost::minimal()).await;
        Self::of(app.expect("the test's database"), settings)
    }

    /// The default test settings.
    pub(crate) fn settings(database: &TestDatabase) -> Settings {
        settings(database, &[])
    }

    /// A server for an app that is already built.
    pub(crate) fn of(app: App, settings: &Settings) -> Self {
        let running = app::start(settings, app.clone()).expect("a free port");
        Self { app, running }
    }

    /// A client of the server, with an empty cookie jar.
    pub(crate) fn client(&self) -> ApiClient {
        Contract::watch(ApiClient::new(&self.running.url))
    }

    /// Stops the server and waits for its end.
    pub(crate) async fn stop(self) {
        self.running.stop().await.expect("a clean shutdown");
    }
}

fn settings(database: &TestDatabase, variables: &[(&str, &str)]) -> Settings {
    let defaults = [
        ("DATABASE_URL", database.url()),
        ("TENANTRY__SERVER__PORT", "0"),
        ("TENANTRY__SERVER__WORKERS", "2"),
        ("TENANTRY__SESSION__SECRET", SECRET),
        // Tests pause requests; half of the connections are of one organization.
        ("TENANTRY__DATABASE__CONNECTIONS", "4"),
        ("TENANTRY__DATABASE__LOCK_SECONDS", "60"),
        ("TENANTRY__DATABASE__STATEMENT_SECONDS", "60"),
        ("TENANTRY__DATABASE__IDLE_TRANSACTION_SECONDS", "60"),
        // No flush of access denials in the middle of another test.
        ("TENANTRY__EVENTS__ACCESS_SECONDS", "3600"),
    ];
    let all = defaults
        .into_iter()
        .chain(UNLIMITED)
        .chain(variables.iter().copied());
    Settings::parse(&SettingSources::environment(all)).expect("valid settings")
}
