//! What people were refused, gathered for a while and then recorded in their own logs.
//!
//! A refusal costs whoever asks almost nothing, so it must not cost the database a write each
//! time. The same refusal of the same person becomes one entry with a number, and there are only
//! so many different ones: what comes then is counted and not told apart.

use std::{
    collections::{HashMap, hash_map::Entry},
    mem,
    sync::{Arc, Mutex},
    time::Duration,
};

use tenantry_core::{
    access::{Actor, DenialLog, PermissionDenial},
    clock::Timestamp,
    db::{Database, DbError},
    id::{OrganizationId, UserId, Uuid},
};
use tenantry_domain_events::events::users::{self, SignInFailed, SignInFailure};
use tokio::time::{MissedTickBehavior, interval};

/// How many different refusals are told apart at a time: a unit of work for each, later on.
const MOST: usize = 1_000;

/// Remembers refusals of sign-ins and of permissions. Nobody ever waits for it.
pub struct SecurityLog {
    database: Database,
    gathered: Mutex<Gathered>,
}

#[derive(Default)]
struct Gathered {
    tallies: HashMap<What, Tally>,
    beyond: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What {
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

#[derive(Clone, Copy, Debug)]
struct Tally {
    times: u32,
    first_at: Timestamp,
    last_at: Timestamp,
    /// The last one that it happened in.
    request: Option<Uuid>,
}

impl SecurityLog {
    /// Nothing gathered yet; to be recorded in that database.
    #[must_use]
    pub fn new(database: Database) -> Arc<Self> {
        Arc::new(Self {
            database,
            gathered: Mutex::default(),
        })
    }

    /// Takes note of somebody who was not let in.
    pub(crate) fn sign_in_failed(
        &self,
        user: UserId,
        reason: SignInFailure,
        request: Option<Uuid>,
    ) {
        self.note(What::SignIn { user, reason }, request);
    }

    fn note(&self, what: What, request: Option<Uuid>) {
        let now = self.database.runtime().now();
        let once = Tally {
            times: 1,
            first_at: now,
            last_at: now,
            request,
        };
        self.gathered
            .lock()
            .expect("nothing panics under it")
            .add(what, once);
    }

    /// Records what was gathered, now and whenever so much time has passed, until it is dropped.
    pub async fn keep(self: Arc<Self>, every: Duration) {
        let mut rounds = interval(every);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            self.flush().await;
        }
    }

    /// Records what was gathered. What the database refuses is gathered again.
    pub async fn flush(&self) {
        let taken = mem::take(&mut *self.gathered.lock().expect("nothing panics under it"));
        if taken.beyond > 0 {
            let refusals = taken.beyond;
            tracing::warn!(
                refusals,
                "too many different refusals to record each of them"
            );
        }
        let mut tallies = taken.tallies.into_iter();
        while let Some((what, tally)) = tallies.next() {
            if let Err(error) = self.record(what, tally).await {
                tracing::warn!(%error, "refusals could not be recorded; they are kept for later");
                let mut gathered = self.gathered.lock().expect("nothing panics under it");
                gathered.add(what, tally);
                tallies.for_each(|(what, tally)| gathered.add(what, tally));
                return;
            }
        }
    }

    async fn record(&self, what: What, tally: Tally) -> Result<(), DbError> {
        let Tally {
            times,
            first_at,
            last_at,
            request,
        } = tally;
        // Who fails to sign in is nobody that is known.
        let user = match what {
            What::SignIn { .. } => None,
            What::Permission { user, .. } => Some(user),
        };
        let mut work = self.database.begin(Actor { user, request });
        match what {
            What::SignIn { user, reason } => work.record(&SignInFailed {
                user_id: user,
                reason,
                times,
                first_at,
                last_at,
            }),
            What::Permission {
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

impl Gathered {
    fn add(&mut self, what: What, tally: Tally) {
        let full = self.tallies.len() >= MOST;
        match self.tallies.entry(what) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.times = known.times.saturating_add(tally.times);
                known.first_at = known.first_at.min(tally.first_at);
                if known.last_at <= tally.last_at {
                    (known.last_at, known.request) = (tally.last_at, tally.request);
                }
            }
            Entry::Vacant(_) if full => self.beyond += u64::from(tally.times),
            Entry::Vacant(place) => drop(place.insert(tally)),
        }
    }
}

impl DenialLog for SecurityLog {
    fn denied(&self, refused: PermissionDenial) {
        let PermissionDenial {
            user,
            organization,
            permission,
            request,
        } = refused;
        let what = What::Permission {
            user,
            organization,
            permission,
        };
        self.note(what, request);
    }
}
