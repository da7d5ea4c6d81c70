//! A database for one test.

mod rows;
mod sqlite;

use std::{path::Path, thread};

use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbBackend, DbErr, Statement,
};
use serde_json::Value;
use tokio::sync::OnceCell;

use self::sqlite::Scratch;
use crate::postgres::{Cluster, Role};

/// A kind of database that Tenantry runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded database.
    Sqlite,
    /// The database server.
    Postgres,
}

/// A database for one test, deleted on drop.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    owner_url: String,
    raw_url: String,
    location: Location,
    connection: OnceCell<DatabaseConnection>,
}

#[derive(Debug)]
enum Location {
    Sqlite(#[expect(dead_code, reason = "held for its Drop")] Scratch),
    Postgres(&'static Cluster, String),
}

impl TestDatabase {
    /// A migrated database without rows.
    ///
    /// # Panics
    /// When Postgres is not installed, or the migrations fail.
    pub async fn new(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::in_file(Scratch::migrated().await),
            Backend::Postgres => Self::in_cluster(true).await,
        }
    }

    /// A database without any table, to test migrations.
    ///
    /// # Panics
    /// When Postgres is not installed.
    pub async fn empty(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::in_file(Scratch::new()),
            Backend::Postgres => Self::in_cluster(false).await,
        }
    }

    fn in_file(scratch: Scratch) -> Self {
        let url = format!("sqlite://{}?mode=rwc", scratch.file().display());
        Self::at([url.clone(), url.clone(), url], Location::Sqlite(scratch))
    }

    async fn in_cluster(migrated: bool) -> Self {
        let cluster = Cluster::shared().await;
        let name = cluster.create(migrated).await;
        let roles = [Role::Application, Role::Owner, Role::Superuser];
        let urls = roles.map(|role| cluster.url(&name, role));
        Self::at(urls, Location::Postgres(cluster, name))
    }

    fn at([url, owner_url, raw_url]: [String; 3], location: Location) -> Self {
        Self {
            url,
            owner_url,
            raw_url,
            location,
            connection: OnceCell::new(),
        }
    }

    /// The URL for `DATABASE_URL`: on Postgres with the application's role, which is subject to
    /// row-level security.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The URL with the role that owns the tables, for migrations.
    #[must_use]
    pub fn owner_url(&self) -> &str {
        &self.owner_url
    }

    /// The URL with a role that bypasses row-level security.
    #[must_use]
    pub fn superuser_url(&self) -> &str {
        &self.raw_url
    }

    /// The certificate of the Postgres server, for a client that verifies it.
    #[must_use]
    pub fn certificate(&self) -> Option<&Path> {
        match &self.location {
            Location::Sqlite(_) => None,
            Location::Postgres(cluster, _) => Some(cluster.certificate()),
        }
    }

    /// The kind of database.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        match self.location {
            Location::Sqlite(_) => Backend::Sqlite,
            Location::Postgres(..) => Backend::Postgres,
        }
    }

    /// Runs one or more statements without tenant scope, and returns the number of affected rows.
    ///
    /// # Panics
    /// When the statement fails.
    pub async fn execute(&self, sql: &str) -> u64 {
        self.try_execute(sql)
            .await
            .unwrap_or_else(|error| panic!("{error}\nin: {sql}"))
    }

    /// Like [`execute`](Self::execute), for statements that should fail.
    ///
    /// # Errors
    /// The database's message.
    pub async fn try_execute(&self, sql: &str) -> Result<u64, String> {
        let outcome = self.connection().await.execute_unprepared(sql).await;
        match outcome {
            Ok(done) => Ok(done.rows_affected()),
            Err(refusal) => Err(refusal.to_string()),
        }
    }

    /// The rows of a query as objects by column name, without tenant scope.
    ///
    /// Columns of Postgres's own type `name` are left out; cast them to text.
    ///
    /// # Panics
    /// When the statement fails.
    pub async fn query(&self, sql: &str) -> Vec<Value> {
        let kind = match self.backend() {
            Backend::Sqlite => DbBackend::Sqlite,
            Backend::Postgres => DbBackend::Postgres,
        };
        let statement = Statement::from_string(kind, sql);
        let found = self.connection().await.query_all_raw(statement).await;
        found
            .and_then(|rows| rows.iter().map(rows::object).collect())
            .unwrap_or_else(|error| panic!("{error}\nin: {sql}"))
    }

    /// The generic plan of a statement, independent of bound values, as joined lines.
    ///
    /// # Panics
    /// When the statement fails.
    pub async fn plan(&self, sql: &str) -> String {
        let lines = match self.backend() {
            Backend::Sqlite => self.query(&format!("EXPLAIN QUERY PLAN {sql}")).await,
            Backend::Postgres => self.generic_plan(sql).await,
        };
        let line = |row: &Value| {
            row["detail"]
                .as_str()
                .or(row["QUERY PLAN"].as_str())
                .map(str::to_owned)
        };
        lines.iter().filter_map(line).collect::<Vec<_>>().join("\n")
    }

    /// The generic plan for the application's role, row-level security included.
    async fn generic_plan(&self, sql: &str) -> Vec<Value> {
        let parameters = (1..).take_while(|n| sql.contains(&format!("${n}"))).count();
        let nulls = vec!["NULL"; parameters].join(", ");
        let mut options = ConnectOptions::new(&self.url);
        options.max_connections(1).sqlx_logging(false);
        let connected = Database::connect(options).await;
        let db = connected.expect("the application's role can connect");
        let prepare = format!(
            "SET plan_cache_mode = force_generic_plan;
             SET random_page_cost = 1.1;
             SET app.organization_id = '00000000-0000-0000-0000-000000000000';
             PREPARE planned AS {sql}"
        );
        let prepared = db.execute_unprepared(&prepare).await;
        prepared.unwrap_or_else(|error| panic!("{error}\nin: {sql}"));
        let explain = format!("EXPLAIN (COSTS OFF) EXECUTE planned({nulls})");
        let statement = Statement::from_string(DbBackend::Postgres, explain);
        let found = db.query_all_raw(statement).await.expect("a plan");
        let lines = found.iter().map(rows::object).collect::<Result<_, _>>();
        lines.expect("lines of text")
    }

    /// Runs a built statement without tenant scope.
    pub(crate) async fn run(&self, statement: &impl sea_orm::StatementBuilder) {
        let outcome = self.connection().await.execute(statement).await;
        outcome.unwrap_or_else(|error| panic!("{error}"));
    }

    /// The number in the only column of a query's only row.
    ///
    /// # Panics
    /// When the result has another shape.
    pub async fn number(&self, sql: &str) -> i64 {
        let rows = self.query(sql).await;
        let values = rows.first().and_then(Value::as_object);
        values
            .filter(|values| rows.len() == 1 && values.len() == 1)
            .and_then(|values| values.values().next()?.as_i64())
            .unwrap_or_else(|| panic!("{rows:?} is not one number\nin: {sql}"))
    }

    async fn connection(&self) -> &DatabaseConnection {
        let connect = || async {
            let mut options = ConnectOptions::new(&self.raw_url);
            options.max_connections(1).sqlx_logging(false);
            Database::connect(options).await
        };
        let outcome: Result<_, DbErr> = self.connection.get_or_try_init(connect).await;
        outcome.unwrap_or_else(|error| panic!("can't reach the test database: {error}"))
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Location::Postgres(cluster, name) = &self.location else {
            return;
        };
        // The test's runtime can't block inside a drop; a separate thread can.
        thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                if let Ok(runtime) = runtime {
                    runtime.block_on(cluster.drop(name));
                }
            });
        });
    }
}
