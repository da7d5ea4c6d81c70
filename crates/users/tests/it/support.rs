//! The service on a test database, and its users.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use tenantry_core::{
    access::{AuthMethod, Caller, ContextIssuer, SessionCaller},
    db::{CursorKey, Database, DatabaseOptions, DbError, UnitOfWork},
    event::Envelope,
    id::{SessionId, UserId},
    link_key::LinkKey,
    outbox::{DeliveryQueue, Publisher, Subscription},
    page::PageRequest,
    runtime::Runtime,
};
use tenantry_testkit::{FixedClock, SeededEntropy, TestDatabase};
use tenantry_users::{
    ClientInfo, CredentialRevocation, FactorKey, FactorSettings, HashingCapacity, Login,
    LoginOutcome, NewAccount, NewSession, OperatorFlags, PasswordCost, PasswordHasher,
    RelyingParty, SecurityLog, Session, SessionLifetime, TokenRevoker, User, UsersDeps, UsersError,
    UsersService, VerificationPolicy, service,
};

pub(crate) const PASSWORD: &str = "correct horse battery";

/// Collects the published events.
#[derive(Default)]
struct Recorder(Mutex<Vec<Envelope>>);

#[async_trait]
impl Publisher for Recorder {
    fn subscriptions(&self, _: &str) -> Vec<Subscription> {
        Vec::new()
    }

    async fn publish(&self, _: &DeliveryQueue, events: Vec<Envelope>) {
        self.0.lock().expect("not poisoned").extend(events);
    }
}

pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) hasher: PasswordHasher,
    pub(crate) users: Arc<dyn UsersService>,
    pub(crate) access: Arc<SecurityLog>,
    issuer: ContextIssuer,
    recorder: Arc<Recorder>,
}

impl World {
    pub(crate) async fn new(db: &TestDatabase) -> Self {
        let clock = Arc::new(FixedClock::default());
        let runtime = Runtime::new(clock.clone(), Arc::new(SeededEntropy::new(1)));
        let recorder = Arc::new(Recorder::default());
        let options = DatabaseOptions {
            url: db.url().to_owned(),
            connections: 8,
            acquire_timeout: Duration::from_secs(30),
            waits: tenantry_testkit::LONG_WAITS,
            cursor_key: CursorKey::derive(b"a secret"),
        };
        let opened = Database::open(options, runtime, recorder.clone()).await;
        let opened = opened.expect("the test database opens");
        let hasher = hasher(
            &opened.database,
            PasswordCost::minimal(),
            HashingCapacity::default(),
        );
        let access = SecurityLog::new(opened.database.clone());
        Self {
            users: service_with(&opened.database, &hasher, &access),
            access,
            database: opened.database,
            clock,
            hasher,
            issuer: opened.issuer,
            recorder,
        }
    }

    /// The service of another process, with a hasher of its own.
    pub(crate) fn other_process(
        &self,
        cost: PasswordCost,
        capacity: HashingCapacity,
    ) -> (PasswordHasher, Arc<dyn UsersService>) {
        let hasher = hasher(&self.database, cost, capacity);
        let users = service_with(&self.database, &hasher, &self.access);
        (hasher, users)
    }

    pub(crate) async fn sign_up(&self, email: &str) -> NewSession {
        let client = ClientInfo::default();
        let signed_up = self.users.sign_up(account(email), client).await;
        signed_up.expect("signed up")
    }

    pub(crate) async fn sign_in(
        &self,
        email: &str,
        password: &str,
    ) -> Result<NewSession, UsersError> {
        let client = ClientInfo::default();
        let outcome = self.users.sign_in(login(email, password), client).await?;
        let LoginOutcome::SignedIn(session) = outcome else {
            panic!("a second factor is asked for");
        };
        Ok(session)
    }

    /// An account without a session.
    pub(crate) async fn create(&self, email: &str) -> User {
        let actor = tenantry_core::access::Actor::system();
        let created = self
            .users
            .create(account(email), OperatorFlags::default(), actor);
        created.await.expect("created")
    }

    /// The user as a caller, with the latest session.
    pub(crate) async fn caller(&self, user: &User) -> SessionCaller {
        let any = self.caller_of(user.id, no_session());
        let newest = self.sessions(&any).await.remove(0);
        self.caller_of(user.id, newest.id)
    }

    pub(crate) fn caller_of(&self, user: UserId, session: SessionId) -> SessionCaller {
        let caller = self.issuer.caller(user, AuthMethod::Session(session), None);
        SessionCaller::of(caller).expect("a session")
    }

    pub(crate) async fn sessions(&self, caller: &Caller) -> Vec<Session> {
        let page = self.users.sessions(caller, &PageRequest::default()).await;
        page.expect("listed").items
    }

    /// The names of the events published since the last call.
    pub(crate) fn events(&self) -> Vec<String> {
        self.published()
            .into_iter()
            .map(|event| event.name)
            .collect()
    }

    /// The events published since the last call.
    pub(crate) fn published(&self) -> Vec<Envelope> {
        std::mem::take(&mut *self.recorder.0.lock().expect("not poisoned"))
    }
}

fn hasher(database: &Database, cost: PasswordCost, capacity: HashingCapacity) -> PasswordHasher {
    PasswordHasher::new(cost, capacity, database.runtime().clone())
}

fn service_with(
    database: &Database,
    hasher: &PasswordHasher,
    access: &Arc<SecurityLog>,
) -> Arc<dyn UsersService> {
    Arc::new(service(UsersDeps {
        database: database.clone(),
        hasher: hasher.clone(),
        lifetime: SessionLifetime::default(),
        tokens: Arc::new(NoTokens),
        access: Arc::clone(access),
        link_key: LinkKey::derive(b"a secret for tests"),
        mails_per_hour: 0,
        factors: FactorSettings {
            key: FactorKey::derive(b"a secret for tests"),
            issuer: "Tenantry".to_owned(),
        },
        relying_party: RelyingParty::new(b"a secret for tests"),
        verification: VerificationPolicy::Off,
    }))
}

/// No user has a token.
struct NoTokens;

#[async_trait]
impl TokenRevoker for NoTokens {
    async fn on_credentials_revoked(
        &self,
        _: &mut UnitOfWork,
        _: UserId,
        _: CredentialRevocation,
    ) -> Result<(), DbError> {
        Ok(())
    }
}

pub(crate) fn account(email: &str) -> NewAccount {
    NewAccount {
        email: email.parse().expect("an address"),
        name: "Ada".parse().expect("a name"),
        password: PASSWORD.parse().expect("a password"),
    }
}

pub(crate) fn login(email: &str, password: &str) -> Login {
    Login {
        email: email.parse().expect("an address"),
        password: password.parse().expect("short enough"),
    }
}

/// The id of no session.
pub(crate) fn no_session() -> SessionId {
    tenantry_core::id::Uuid::nil().into()
}

/// How many rows a table has.
pub(crate) async fn count(db: &TestDatabase, table: &str) -> i64 {
    db.number(&format!("SELECT count(*) AS n FROM {table}"))
        .await
}
