//! Hashing off the workers, behind a bounded queue.

use std::{
    fmt, io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
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

use super::{PasswordCost, PasswordInput, StoredPassword, threads::Threads};

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
    /// A place in the queue or at work.
    places: Arc<Semaphore>,
    /// A place at work.
    turns: Arc<Semaphore>,
    threads: Arc<Threads>,
    computed: Arc<AtomicU64>,
}

/// A place in the queue or at work.
pub(crate) struct QueueSlot(#[expect(dead_code, reason = "it is held")] OwnedSemaphorePermit);

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HashingError {
    #[error("too many are waiting")]
    Busy,
    #[error("a stored password hash can't be read")]
    Unreadable(#[source] phc::Error),
    #[error("a password could not be hashed")]
    Failed(#[source] password_hash::Error),
    #[error("there is no thread to hash a password")]
    NoThread(#[source] io::Error),
    #[error("hashing was cut off")]
    Cut(#[source] RecvError),
}

/// What a typed password is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Mismatch,
    /// The right one. If the stored hash was made at another cost, here is one of today's.
    Match {
        rehashed: Option<StoredPassword>,
    },
}

impl PasswordHasher {
    /// A hasher of that cost and capacity.
    #[must_use]
    pub fn new(cost: PasswordCost, capacity: HashingCapacity, runtime: Runtime) -> Self {
        Self {
            cost,
            runtime,
            capacity,
            places: Arc::new(Semaphore::new(capacity.concurrency + capacity.queue)),
            turns: Arc::new(Semaphore::new(capacity.concurrency)),
            threads: Arc::default(),
            computed: Arc::default(),
        }
    }

    /// How many hashes were computed so far.
    #[must_use]
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }

    /// How many callers wait or are being served.
    #[must_use]
    pub fn busy(&self) -> usize {
        let capacity = self.capacity.concurrency + self.capacity.queue;
        capacity - self.places.available_permits()
    }

    pub(crate) async fn hash(
        &self,
        password: PasswordInput,
    ) -> Result<StoredPassword, HashingError> {
        let place = self.reserve()?;
        self.run_when_free(place, move |hasher| hasher.compute(&password))
            .await
    }

    /// Reserves a slot. Callers reserve before any other work, so that a rejected request costs
    /// nothing else.
    pub(crate) fn reserve(&self) -> Result<QueueSlot, HashingError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        place.map(QueueSlot).map_err(|_| HashingError::Busy)
    }

    /// Compares with the stored hash. Without one, it does the same work, so that the time does not
    /// disclose whether there is an account.
    pub(crate) async fn verify(
        &self,
        place: QueueSlot,
        password: PasswordInput,
        stored: Option<StoredPassword>,
    ) -> Result<Verdict, HashingError> {
        self.run_when_free(place, move |hasher| match stored {
            Some(stored) => hasher.compare(&password, &stored),
            None => hasher.compute(&password).map(|_| Verdict::Mismatch),
        })
        .await
    }

    /// Runs on a thread that does nothing else, one of few at a time.
    async fn run_when_free<T: Send + 'static>(
        &self,
        place: QueueSlot,
        work: impl FnOnce(&Self) -> Result<T, HashingError> + Send + 'static,
    ) -> Result<T, HashingError> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.expect("the semaphore is never closed");
        let hasher = self.clone();
        let (done, computed) = oneshot::channel();
        let work = move |thread| {
            // Held by the thread: a caller who hangs up doesn't stop it.
            let held = (place, turn);
            let outcome = work(&hasher);
            hasher.threads.take_back(thread);
            drop(held);
            drop(done.send(outcome));
        };
        self.threads.hand(work).map_err(HashingError::NoThread)?;
        computed.await.map_err(HashingError::Cut)?
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
        if !self.fits(password, &hash)? {
            return Ok(Verdict::Mismatch);
        }
        let rehashed = if self.cost.matches_hash(&hash) {
            None
        } else {
            Some(self.compute(password)?)
        };
        Ok(Verdict::Match { rehashed })
    }

    fn fits(&self, password: &PasswordInput, hash: &PasswordHash) -> Result<bool, HashingError> {
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
