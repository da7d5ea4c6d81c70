//! A database with a clock, a bus and factories: the fixture of module tests.

use std::{sync::Arc, time::Duration};

use sea_orm::{
    Value,
    sea_query::{Expr, Query},
};
use tenantry_core::{
    access::{Actor, AuthMethod, ContextIssuer, Role, SessionCaller, TenantContext},
    db::{CursorKey, Database, DatabaseOptions, WaitLimits},
    id::{MembershipId, OrganizationId, SessionId, UserId, Uuid},
    outbox::{DeliveryQueue, Publisher},
    runtime::Runtime,
    value::{search_key, sort_key},
};

use crate::{FixedClock, RecordingBus, SeededEntropy, TestDatabase, TestFailpoints};

/// Longer than what a test pauses for.
pub const LONG_WAITS: WaitLimits = WaitLimits {
    lock: Duration::from_secs(60),
    statement: Duration::from_secs(60),
    idle_transaction: Duration::from_secs(60),
};

/// An open database with what a module's service needs, and factories.
///
/// Factories insert rows directly, without any service, so that a test of one module needs no
/// other. They take what matters to a test and generate the rest.
pub struct World {
    /// The database, as modules receive it.
    pub database: Database,
    /// Issues contexts.
    pub issuer: ContextIssuer,
    /// The delivery queue.
    pub queue: DeliveryQueue,
    /// The fixed clock.
    pub clock: Arc<FixedClock>,
    /// The recording bus.
    pub events: Arc<RecordingBus>,
    /// The failpoints.
    pub failpoints: Arc<TestFailpoints>,
    /// The database without tenant scope.
    pub raw: TestDatabase,
}

impl World {
    /// A world on this database.
    ///
    /// # Panics
    /// When the database can't be opened.
    pub async fn new(raw: TestDatabase) -> Self {
        let clock = Arc::new(FixedClock::default());
        let entropy = Arc::new(SeededEntropy::default());
        let events = Arc::new(RecordingBus::default());
        let options = DatabaseOptions {
            url: raw.url().to_owned(),
            connections: 8,
            acquire_timeout: Duration::from_secs(10),
            waits: LONG_WAITS,
            cursor_key: CursorKey::derive(b"a key for tests"),
        };
        let failpoints = Arc::new(TestFailpoints::default());
        let runtime = Runtime::new(Arc::clone(&clock) as _, entropy);
        let runtime = runtime.with_failpoints(Arc::clone(&failpoints) as _);
        let publisher = Arc::clone(&events) as Arc<dyn Publisher>;
        let opened = Database::open(options, runtime, publisher).await;
        let opened = opened.expect("the test database opens");
        Self {
            database: opened.database,
            issuer: opened.issuer,
            queue: opened.queue,
            clock,
            events,
            failpoints,
            raw,
        }
    }

    /// A user of that name, without a usable password.
    pub async fn user(&self, name: &str) -> UserId {
        let id: UserId = self.runtime().new_id();
        let now = self.runtime().now();
        let email = format!("{}@example.com", name.to_lowercase().replace(' ', "."));
        self.insert(
            "users",
            [
                ("id", id.into()),
                ("email", email.into()),
                ("name", name.into()),
                ("name_key", name.to_lowercase().into()),
                ("search_key", search_key(name).into()),
                ("password_hash", "none".into()),
                ("is_active", true.into()),
                ("is_staff", false.into()),
                ("is_superuser", false.into()),
                ("created_at", now.into()),
                ("updated_at", now.into()),
            ],
        )
        .await;
        id
    }

    /// A session of that user, whose key has this hash.
    pub async fn session(&self, user: UserId, key_hash: &str) -> SessionCaller {
        let id: SessionId = self.runtime().new_id();
        let now = self.runtime().now();
        self.insert(
            "sessions",
            [
                ("id", id.into()),
                ("key_hash", key_hash.into()),
                ("user_id", user.into()),
                ("created_at", now.into()),
                ("last_seen_at", now.into()),
                ("expires_at", (now + chrono::TimeDelta::days(30)).into()),
            ],
        )
        .await;
        let caller = self.issuer.caller(user, AuthMethod::Session(id), None);
        SessionCaller::of(caller).expect("a session")
    }

    /// An organization with that slug, without members.
    pub async fn organization(&self, slug: &str) -> OrganizationId {
        let id: OrganizationId = self.runtime().new_id();
        let now = self.runtime().now();
        self.insert(
            "organizations",
            [
                ("id", id.into()),
                ("name", slug.into()),
                ("name_key", slug.into()),
                ("search_key", search_key(slug).into()),
                ("sort_key", sort_key(slug).into()),
                ("slug", slug.into()),
                ("is_active", true.into()),
                ("created_at", now.into()),
                ("updated_at", now.into()),
            ],
        )
        .await;
        id
    }

    /// Makes the user a member with that role, and returns the member's context.
    pub async fn join(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
    ) -> TenantContext {
        let id: MembershipId = self.runtime().new_id();
        self.insert(
            "organization_members",
            [
                ("organization_id", organization.into()),
                ("id", id.into()),
                ("user_id", user.into()),
                ("role", role.into()),
                ("joined_at", self.runtime().now().into()),
            ],
        )
        .await;
        self.issuer
            .tenant(organization, user, role, Actor::system())
    }

    /// A new member with that role, as a context.
    pub async fn member(&self, organization: OrganizationId, role: Role) -> TenantContext {
        let name = format!("{role} {}", self.runtime().random_token(12));
        let user = self.user(&name).await;
        self.join(organization, user, role).await
    }

    /// A project of that name.
    pub async fn project(&self, organization: OrganizationId, name: &str) -> Uuid {
        let id: Uuid = self.runtime().new_id();
        let now = self.runtime().now();
        self.insert(
            "projects",
            [
                ("organization_id", organization.into()),
                ("id", id.into()),
                ("name", name.into()),
                ("name_key", name.to_lowercase().into()),
                ("search_key", search_key(name).into()),
                ("sort_key", sort_key(name).into()),
                ("description", "".into()),
                ("status", "draft".into()),
                ("version", 1_i64.into()),
                ("created_at", now.into()),
                ("updated_at", now.into()),
            ],
        )
        .await;
        id
    }

    /// The clock and the randomness of this world.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        self.database.runtime()
    }

    /// Inserts a row without tenant scope.
    pub async fn insert<const N: usize>(
        &self,
        table: &'static str,
        row: [(&'static str, Value); N],
    ) {
        let mut insert = Query::insert();
        insert.into_table(table);
        insert.columns(row.iter().map(|(column, _)| *column));
        insert.values_panic(row.into_iter().map(|(_, value)| Expr::value(value)));
        self.raw.run(&insert).await;
    }
}
