//! The running cluster and its databases.

use std::{
    fs::File,
    net::TcpStream,
    path::{Path, PathBuf},
    time::Duration,
};

use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr};
use tokio::sync::OnceCell;

use super::{address::Address, home::Home, role::Role};
use crate::shared_dir::{self, FINGERPRINT};

/// As `scripts/postgres-roles.sql` has it.
const NO_LARGE_OBJECTS: &str = "REVOKE EXECUTE ON FUNCTION
    lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) FROM PUBLIC";

/// The running cluster, as this process sees it.
#[derive(Debug)]
pub(crate) struct Cluster {
    pub(super) address: Address,
    certificate: PathBuf,
    // Held until the process ends: a sign to the supervisor that the cluster is in use.
    _in_use: File,
}

impl Cluster {
    /// The cluster of this process.
    pub(crate) async fn shared() -> &'static Self {
        static SHARED: OnceCell<Cluster> = OnceCell::const_new();
        SHARED.get_or_init(Self::join).await
    }

    /// Finds the running cluster or starts one. It may block: the thread belongs to this one test.
    async fn join() -> Self {
        let home = Home::open(shared_dir::folder().join("postgres"));
        Self::join_at(&home).await
    }

    pub(super) async fn join_at(home: &Home) -> Self {
        let starting = home.lock_file("start.lock");
        starting.lock().expect("our own lock file");
        let in_use = home.lock_file("in-use.lock");
        // Waits for a supervisor that is stopping the cluster.
        in_use.lock_shared().expect("our own lock file");
        home.supervise();
        let address = match home.address() {
            Some(address) if is_reachable(&address).await => address,
            _ => home.start(),
        };
        let cluster = Self {
            address,
            certificate: home.certificate(),
            _in_use: in_use,
        };
        cluster.prepare_template().await;
        cluster
    }

    /// Creates a database, migrated or empty, and returns its name.
    pub(crate) async fn create(&self, migrated: bool) -> String {
        let name = format!("t_{}", shared_dir::random(16));
        let template = if migrated {
            template()
        } else {
            "template0".into()
        };
        let owner = Role::Owner.name();
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}");
        self.execute(&create)
            .await
            .unwrap_or_else(|error| panic!("can't create a test database: {error}"));
        let application = Role::Application.name();
        self.execute_all(&[
            &format!("REVOKE ALL ON DATABASE {name} FROM PUBLIC"),
            &format!("GRANT CONNECT ON DATABASE {name} TO {application}"),
        ])
        .await;
        if !migrated {
            // Before version 15 every role may create tables here; since then only the owner.
            let public = format!("ALTER SCHEMA public OWNER TO {owner}; {NO_LARGE_OBJECTS}");
            self.execute_in(&name, &public).await;
        }
        name
    }

    /// Drops a database, best effort: the cluster is disposable.
    pub(crate) async fn drop(&self, name: &str) {
        let command = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        if let Err(error) = self.execute(&command).await {
            tracing::warn!(%error, name, "a test database could not be dropped");
        }
    }

    /// The address of a database of the cluster, for one of its roles.
    pub(crate) fn url(&self, database: &str, role: Role) -> String {
        self.address.url(database, role)
    }

    /// The file of the server's certificate.
    pub(crate) fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// Migrates the template database. The caller holds the start lock.
    async fn prepare_template(&self) {
        let template = template();
        let query = format!("SELECT FROM pg_database WHERE datname = '{template}'");
        let found = self.execute(&query).await;
        if found.unwrap_or_else(|error| panic!("{query}: {error}")) > 0 {
            return;
        }
        for role in [Role::Owner, Role::Application] {
            let name = role.name();
            let password = &self.address.password;
            let create = format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'");
            let query = format!("SELECT FROM pg_roles WHERE rolname = '{name}'");
            let found = self.execute(&query).await;
            if found.unwrap_or_else(|error| panic!("{query}: {error}")) == 0 {
                self.execute_all(&[&create]).await;
            }
        }
        let owner = Role::Owner.name();
        // Under another name until it is complete, so that a partial template is never used.
        self.execute_all(&[
            "DROP DATABASE IF EXISTS template_draft WITH (FORCE)",
            &format!("CREATE DATABASE template_draft TEMPLATE template0 OWNER {owner}"),
        ])
        .await;
        let public = format!("ALTER SCHEMA public OWNER TO {owner}; {NO_LARGE_OBJECTS}");
        self.execute_in("template_draft", &public).await;
        // For tables that a test creates.
        let rights = format!(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public \
             GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}",
            Role::Application.name()
        );
        self.execute_in("template_draft", &rights).await;
        let url = self.url("template_draft", Role::Owner);
        let applied = tenantry_migrations::up(&url).await;
        applied.unwrap_or_else(|error| panic!("the migrations fail on Postgres: {error:?}"));
        let granted = tenantry_migrations::grant(&url, Role::Application.name()).await;
        granted.unwrap_or_else(|error| {
            panic!("the application's role can't be granted its rights: {error:?}")
        });
        self.execute_all(&[
            &format!("ALTER DATABASE template_draft RENAME TO {template}"),
            &format!("ALTER DATABASE {template} ALLOW_CONNECTIONS false"),
        ])
        .await;
    }

    async fn execute_all(&self, commands: &[&str]) {
        for command in commands {
            self.execute(command)
                .await
                .unwrap_or_else(|error| panic!("{command}: {error}"));
        }
    }

    async fn execute_in(&self, database: &str, command: &str) {
        let outcome = self.try_in(database, command).await;
        outcome.unwrap_or_else(|error| panic!("{command}: {error}"));
    }

    async fn execute(&self, command: &str) -> Result<u64, DbErr> {
        self.try_in("postgres", command).await
    }

    pub(super) async fn try_in(&self, database: &str, command: &str) -> Result<u64, DbErr> {
        let db = connect(self.url(database, Role::Superuser)).await?;
        let outcome = db.execute_unprepared(command).await;
        db.close().await?;
        Ok(outcome?.rows_affected())
    }
}

fn template() -> String {
    format!("template_{FINGERPRINT}")
}

async fn is_reachable(address: &Address) -> bool {
    // A pool would retry a closed port until its timeout.
    if TcpStream::connect(("127.0.0.1", address.port)).is_err() {
        return false;
    }
    match connect(address.url("postgres", Role::Superuser)).await {
        Ok(db) => db.ping().await.is_ok(),
        Err(_) => false,
    }
}

async fn connect(url: String) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(20))
        .sqlx_logging(false);
    Database::connect(options).await
}
