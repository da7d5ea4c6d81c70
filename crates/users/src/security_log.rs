//! Failed sign-ins and denied permissions: buffered, then recorded in the user's activity log.
//!
//! A denial costs the client almost nothing, so it must not cost a database write each time.
//! Repeated denials of one user are one entry with a count. The number of distinct entries is
//! bounded, for each user and for each kind, so that no user's denials hide those of another;
//! denials beyond it are only counted.

use std::{
    collections::{HashMap, hash_map::Entry},
    mem,
    sync::{Arc, Mutex},
    time::Duration,
};

use metrics::counter;
use tenantry_core::{
    access::{Actor, DenialLog, PermissionDenial},
    clock::Timestamp,
    db::{Database, DbError},
    event::Client,
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::users::{self, SignInFailed, SignInFailure};
use tokio::time::{MissedTickBehavior, interval};

/// Maximum number of distinct denials of one kind in the buffer. Each becomes a unit of work at the
/// next flush.
const MAX_DISTINCT: usize = 1_000;

/// Maximum number of them that one user takes.
const MAX_DISTINCT_USER: usize = 20;

/// The metric of denials beyond that, by kind.
pub const DENIALS_DROPPED: &str = "users_denials_dropped_total";

/// Records failed sign-ins and denied permissions without delaying the request.
pub struct SecurityLog {
    database: Database,
    buffer: Mutex<DenialBuffer>,
}

#[derive(Default)]
struct DenialBuffer {
    sign_ins: DenialCounters,
    permissions: DenialCounters,
}

/// Denials of one kind.
#[derive(Default)]
struct DenialCounters {
    counters: HashMap<DenialKey, Counter>,
    /// How many of them each user has.
    of_user: HashMap<UserId, usize>,
    overflow: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum DenialKey {
    SignIn {
        user: UserId,
        reason: SignInFailure,
    },
    Permission {
        user: UserId,
        organization: OrganizationId,
        permission: &'static str,
    },
}

#[derive(Clone, Debug)]
struct Counter {
    times: u32,
    first_at: Timestamp,
    last_at: Timestamp,
    /// The latest actor, with the request.
    actor: Actor,
    /// The latest client of a sign-in.
    client: Option<Client>,
}

impl SecurityLog {
    /// An empty log that records to this database.
    #[must_use]
    pub fn new(database: Database) -> Arc<Self> {
        Arc::new(Self {
            database,
            buffer: Mutex::default(),
        })
    }

    /// Notes a failed sign-in.
    pub(crate) fn sign_in_failed(
        &self,
        user: UserId,
        reason: SignInFailure,
        by: Actor,
        client: Option<Client>,
    ) {
        // A failed sign-in has no authenticated actor.
        let actor = Actor { user: None, ..by };
        self.note(DenialKey::SignIn { user, reason }, actor, client);
    }

    fn note(&self, key: DenialKey, actor: Actor, client: Option<Client>) {
        let now = self.database.runtime().now();
        let once = Counter {
            times: 1,
            first_at: now,
            last_at: now,
            actor,
            client,
        };
        self.buffer
            .lock()
            .expect("nothing panics under it")
            .add(key, once);
    }

    /// Flushes now and at every interval, until it is dropped.
    pub async fn run(self: Arc<Self>, every: Duration) {
        let mut rounds = interval(every);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            self.flush().await;
        }
    }

    /// Records the buffer. Entries that could not be written return to the buffer.
    pub async fn flush(&self) {
        let taken = mem::take(&mut *self.buffer.lock().expect("nothing panics under it"));
        for (kind, dropped) in [
            ("sign_in", taken.sign_ins.overflow),
            ("permission", taken.permissions.overflow),
        ] {
            if dropped > 0 {
                counter!(DENIALS_DROPPED, "kind" => kind).increment(dropped);
                tracing::warn!(
                    kind,
                    dropped,
                    "too many distinct denials to record each of them"
                );
            }
        }
        // Failed sign-ins first: they tell of an attack.
        let sign_ins = taken.sign_ins.counters.into_iter();
        let mut counters = sign_ins.chain(taken.permissions.counters);
        while let Some((key, counter)) = counters.next() {
            if let Err(error) = self.record(key, counter.clone()).await {
                tracing::warn!(%error, "denials could not be recorded; they are kept for the next flush");
                let mut buffer = self.buffer.lock().expect("nothing panics under it");
                buffer.add(key, counter);
                counters.for_each(|(key, counter)| buffer.add(key, counter));
                return;
            }
        }
    }

    async fn record(&self, key: DenialKey, counter: Counter) -> Result<(), DbError> {
        let Counter {
            times,
            first_at,
            last_at,
            actor,
            client,
        } = counter;
        let mut work = self.database.begin(actor);
        match key {
            DenialKey::SignIn { user, reason } => {
                let failed = SignInFailed {
                    user_id: user,
                    reason,
                    times,
                    first_at,
                    last_at,
                };
                work.record_sign_in(&failed, client);
            }
            DenialKey::Permission {
                user,
                organization,
                permission,
            } => work.record(&users::PermissionDenied {
                user_id: user,
                organization,
                permission: permission.to_owned(),
                times,
                first_at,
                last_at,
            }),
        }
        work.commit().await
    }
}

impl DenialKey {
    const fn user(self) -> UserId {
        match self {
            Self::SignIn { user, .. } | Self::Permission { user, .. } => user,
        }
    }
}

impl DenialBuffer {
    fn add(&mut self, key: DenialKey, counter: Counter) {
        match key {
            DenialKey::SignIn { .. } => self.sign_ins.add(key, counter),
            DenialKey::Permission { .. } => self.permissions.add(key, counter),
        }
    }
}

impl DenialCounters {
    fn add(&mut self, key: DenialKey, counter: Counter) {
        let is_full = self.counters.len() >= MAX_DISTINCT;
        let of_user = self.of_user.entry(key.user()).or_default();
        match self.counters.entry(key) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.times = known.times.saturating_add(counter.times);
                known.first_at = known.first_at.min(counter.first_at);
                if known.last_at <= counter.last_at {
                    known.last_at = counter.last_at;
                    (known.actor, known.client) = (counter.actor, counter.client);
                }
            }
            Entry::Vacant(_) if is_full || *of_user >= MAX_DISTINCT_USER => {
                self.overflow += u64::from(counter.times);
            }
            Entry::Vacant(entry) => {
                *of_user += 1;
                entry.insert(counter);
            }
        }
        if *of_user == 0 {
            self.of_user.remove(&key.user());
        }
    }
}

impl DenialLog for SecurityLog {
    fn denied(&self, refused: PermissionDenial) {
        let PermissionDenial {
            user,
            organization,
            permission,
            actor,
        } = refused;
        let key = DenialKey::Permission {
            user,
            organization,
            permission,
        };
        self.note(key, actor, None);
    }
}
