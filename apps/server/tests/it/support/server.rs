//! A server in the test's own process.

use tenantry::{
    app::{self, App, RunningServer},
    settings::{Inputs, Settings},
};
use tenantry_core::runtime::Runtime;
use tenantry_testkit::{ApiClient, TestDatabase};
use tenantry_users::PasswordCost;

use super::{Contract, SECRET, UNLIMITED};

/// A server on a free port, on the test's database. Stops when it is dropped.
pub(crate) struct TestServer {
    /// The modules, for what a test has to prepare behind the API's back.
    pub(crate) app: App,
    running: RunningServer,
}

impl TestServer {
    /// A server with the usual settings.
    pub(crate) async fn start(database: &TestDatabase) -> Self {
        Self::start_with(database, |_| {}).await
    }

    /// A server with settings of the test's choice.
    pub(crate) async fn start_with(
        database: &TestDatabase,
        adjust: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = Self::settings(database);
        adjust(&mut settings);
        Self::run(&settings).await
    }

    /// A server with more variables in its environment than the usual ones.
    pub(crate) async fn start_as(database: &TestDatabase, variables: &[(&str, &str)]) -> Self {
        Self::run(&settings(database, variables)).await
    }

    async fn run(settings: &Settings) -> Self {
        let app = App::open(settings, Runtime::system(), PasswordCost::minimal()).await;
        Self::of(app.expect("the test's database"), settings)
    }

    /// The usual settings.
    pub(crate) fn settings(database: &TestDatabase) -> Settings {
        settings(database, &[])
    }

    /// A server of modules that are wired already.
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
        self.running.stop().await.expect("it ends in good order");
    }
}

fn settings(database: &TestDatabase, variables: &[(&str, &str)]) -> Settings {
    let usual = [
        ("DATABASE_URL", database.url()),
        ("TENANTRY__SERVER__PORT", "0"),
        ("TENANTRY__SERVER__WORKERS", "2"),
        ("TENANTRY__SESSION__SECRET", SECRET),
        // Refusals are recorded when a test says so, and never in the middle of another one.
        ("TENANTRY__EVENTS__ACCESS_SECONDS", "3600"),
    ];
    let all = usual
        .into_iter()
        .chain(UNLIMITED)
        .chain(variables.iter().copied());
    Settings::parse(&Inputs::environment(all)).expect("valid settings")
}
