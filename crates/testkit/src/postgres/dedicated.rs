//! A Postgres for one test, which can be stopped.

use super::{cluster::Cluster, home::Home, role::Role};
use crate::shared_dir;

/// A Postgres with a migrated database that only one test uses, so that it can be stopped. It is
/// deleted on drop.
pub struct DedicatedPostgres {
    home: Home,
    cluster: Cluster,
    database: String,
}

impl DedicatedPostgres {
    /// Creates and starts one.
    ///
    /// # Panics
    /// When Postgres is not installed.
    pub async fn start() -> Self {
        let name = format!("postgres-{}", shared_dir::random(8));
        let home = Home::open(shared_dir::folder().join(name));
        let cluster = Cluster::join_at(&home).await;
        let database = cluster.create(true).await;
        Self {
            home,
            cluster,
            database,
        }
    }

    /// The URL of the database for the application's role.
    #[must_use]
    pub fn url(&self) -> String {
        self.cluster.url(&self.database, Role::Application)
    }

    /// The URL for observing the application's sessions.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        self.cluster.url(&self.database, Role::Superuser)
    }

    /// Stops it, as in an outage: connections are closed and new ones refused.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self) {
        self.home.stop();
    }

    /// Starts it again on the same port, with its data.
    ///
    /// # Panics
    /// When it does not start.
    pub fn restart(&self) {
        let port = self.cluster.address.port;
        let started = self.home.start_at(port);
        started.unwrap_or_else(|report| panic!("Postgres does not start again:\n{report}"));
    }

    /// The number of the application's connections.
    ///
    /// # Panics
    /// When the query fails.
    pub async fn connections(&self) -> u64 {
        let count = "SELECT FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'tenantry'";
        let counted = self.cluster.try_in(&self.database, count).await;
        counted.unwrap_or_else(|error| panic!("{count}: {error}"))
    }
}

impl Drop for DedicatedPostgres {
    fn drop(&mut self) {
        self.home.remove_remains();
    }
}
