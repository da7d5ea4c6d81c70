//! Hashing on separate threads, behind a bounded queue.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::SyncSender,
    },
    thread::available_parallelism,
};

use argon2::password_hash::{
    self, PasswordHasher as _, PasswordVerifier as _,
    phc::{self, PasswordHash},
};
use tenantry_core::runtime::Runtime;
use tokio::sync::{
    OwnedSemaphorePermit, Semaphore,
    oneshot::{self, error::RecvError},
};

use super::{
    PasswordCost, PasswordInput, StoredPassword,
    threads::{self, Job},
};

/// Bounds on hashing. Hashing on every core would starve all other requests, and in an unbounded
/// queue every client would time out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingCapacity {
    /// How many hashes are computed concurrently.
    pub concurrency: usize,
    /// How many more may wait. Further ones are rejected.
    pub queue: usize,
}

/// One core fewer than there are, which is left to all other requests, and a queue of 64.
impl Default for HashingCapacity {
    fn default() -> Self {
        Self {
            concurrency: available_parallelism().map_or(1, |cores| (cores.get() - 1).max(1)),
            queue: 64,
        }
    }
}

/// Hashes passwords with Argon2id (RFC 9106). Cheap to clone; all clones share one queue.
#[derive(Clone)]
pub struct PasswordHasher {
    cost: PasswordCost,
    runtime: Runtime,
    capacity: HashingCapacity,
    /// A permit for each caller that waits or is served.
    slots: Arc<Semaphore>,
    /// A permit for each hash that is computed, so that a job never waits in the channel.
    running: Arc<Semaphore>,
    jobs: SyncSender<Job>,
    computed: Arc<AtomicU64>,
}

/// A reserved slot: the right to wait and to be served.
pub(crate) struct QueueSlot(
    #[expect(dead_code, reason = "held for its Drop")] OwnedSemaphorePermit,
);

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashingError {
    #[error("the queue is full")]
    Busy,
    #[error("a stored password hash can't be read")]
    Unreadable(#[source] phc::Error),
    #[error("a password could not be hashed")]
    Failed(#[source] password_hash::Error),
    #[error("hashing was interrupted")]
    Interrupted(#[source] RecvError),
}

/// The result of a verification.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Mismatch,
    /// With a new hash, if the stored one was computed at another cost.
    Match {
        rehashed: Option<StoredPassword>,
    },
}

impl PasswordHasher {
    /// A hasher with this cost and capacity. It starts its threads.
    ///
    /// # Panics
    /// When the operating system can't start a thread.
    #[must_use]
    pub fn new(cost: PasswordCost, capacity: HashingCapacity, runtime: Runtime) -> Self {
        let HashingCapacity { concurrency, queue } = capacity;
        Self {
            cost,
            runtime,
            capacity,
            slots: Arc::new(Semaphore::new(concurrency + queue)),
            running: Arc::new(Semaphore::new(concurrency)),
            jobs: threads::start(concurrency).expect("the operating system starts threads"),
            computed: Arc::default(),
        }
    }

    /// The number of hashes computed so far.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// The number of callers that wait or are being served.
    #[must_use]
    pub fn busy(&self) -> usize {
        let capacity = self.capacity.concurrency + self.capacity.queue;
        capacity - self.slots.available_permits()
    }

    pub(crate) async fn hash(
        &self,
        password: PasswordInput,
    ) -> Result<StoredPassword, HashingError> {
        let slot = self.reserve()?;
        self.run_when_free(slot, move |hasher| hasher.compute(&password))
            .await
    }

    /// Reserves a slot. Callers reserve before any other work, so that a rejected request costs
    /// nothing else.
    pub(crate) fn reserve(&self) -> Result<QueueSlot, HashingError> {
        let slot = Arc::clone(&self.slots).try_acquire_owned();
        slot.map(QueueSlot).map_err(|_| HashingError::Busy)
    }

    /// Compares with the stored hash. Without one, it does the same work, so that the time does not
    /// disclose whether there is an account.
    pub(crate) async fn verify(
        &self,
        slot: QueueSlot,
        password: PasswordInput,
        stored: Option<StoredPassword>,
    ) -> Result<Verdict, HashingError> {
        self.run_when_free(slot, move |hasher| match stored {
            Some(stored) => hasher.compare(&password, &stored),
            None => hasher.compute(&password).map(|_| Verdict::Mismatch),
        })
        .await
    }

    /// Waits for a free hashing thread, and runs on it.
    async fn run_when_free<T: Send + 'static>(
        &self,
        slot: QueueSlot,
        work: impl FnOnce(&Self) -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.expect("the semaphore is never closed");
        let hasher = self.clone();
        let (done, outcome) = oneshot::channel();
        let job = move || {
            // Held by the job: a cancelled caller doesn't stop it.
            let permits = (slot, running);
            let outcome = work(&hasher);
            drop(permits);
            drop(done.send(outcome));
        };
        let sent = self.jobs.try_send(Box::new(job));
        sent.expect("the channel has room for each running job");
        outcome.await.map_err(HashingError::Interrupted)?
    }

    fn compute(&self, password: &PasswordInput) -> Result<StoredPassword, HashingError> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let salt = self.runtime.random_bytes::<16>();
        let hash: PasswordHash = self
            .cost
            .argon2()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(HashingError::Failed)?;
        Ok(StoredPassword::new(hash.to_string()))
    }

    fn compare(
        &self,
        password: &PasswordInput,
        stored: &StoredPassword,
    ) -> Result<Verdict, HashingError> {
        let hash = PasswordHash::new(stored.as_str()).map_err(HashingError::Unreadable)?;
        if !self.matches(password, &hash)? {
            return Ok(Verdict::Mismatch);
        }
        let rehashed = if self.cost.matches_hash(&hash) {
            None
        } else {
            Some(self.compute(password)?)
        };
        Ok(Verdict::Match { rehashed })
    }

    fn matches(&self, password: &PasswordInput, hash: &PasswordHash) -> Result<bool, HashingError> {
        self.computed.fetch_add(1, Ordering::Relaxed);
        match self
            .cost
            .argon2()
            .verify_password(password.as_bytes(), hash)
        {
            Ok(()) => Ok(true),
            Err(password_hash::Error::PasswordInvalid) => Ok(false),
            Err(error) => Err(HashingError::Failed(error)),
        }
    }
}

impl fmt::Debug for PasswordHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasswordHasher")
            .field("cost", &self.cost)
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
