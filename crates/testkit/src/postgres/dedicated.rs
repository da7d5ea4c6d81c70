//! A Postgres of one test, which it can stop.

use super::{Cluster, Role, cluster::Home};
use crate::workshop;

/// A Postgres that only one test uses, with a migrated database, so that it can go away. It is
/// gone for good when the value is dropped.
pub struct DedicatedPostgres {
    home: Home,
    cluster: Cluster,
    database: String,
}

impl DedicatedPostgres {
    /// Makes and starts one.
    ///
    /// # Panics
    /// When there is no Postgres on the machine.
    pub async fn start() -> Self {
        let name = format!("postgres-{}", workshop::random(8));
        let home = Home::open(workshop::folder().join(name));
        let cluster = Cluster::join_at(&home).await;
        let database = cluster.create(true).await;
        Self {
            home,
            cluster,
            database,
        }
    }

    /// The address of the database for the application's role.
    #[must_use]
    pub fn url(&self) -> String {
        self.cluster.url(&self.database, Role::Application)
    }

    /// The address for whoever looks at what the application does there.
    #[must_use]
    pub fn superuser_url(&self) -> String {
        self.cluster.url(&self.database, Role::Superuser)
    }

    /// Stops it, as in an outage: connections are cut, and nobody answers any more.
    ///
    /// # Panics
    /// When it does not stop.
    pub fn stop(&self) {
        self.home.stop();
    }

    /// Starts it again where it was, with all that it held.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        let port = self.cluster.address.port;
        let started = self.home.start_at(port);
        started.unwrap_or_else(|report| panic!("Postgres does not start again:\n{report}"));
    }

    /// How many connections the application has.
    ///
    /// # Panics
    /// When it can't be asked.
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
