//! Clock, randomness and failpoints, injected.

use std::sync::Arc;

use async_trait::async_trait;
use uuid::Uuid;

use crate::clock::{Clock, SystemClock, Timestamp};

/// A source of random bytes.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// # Panics
    /// When the operating system has no generator: without one no secret is safe.
    fn fill(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system provides random bytes");
    }
}

/// Lets a test pause execution between a check and the write that depends on it, so that a race
/// happens for certain.
#[async_trait]
pub trait Failpoints: Send + Sync + 'static {
    /// Execution reached the failpoint of that name.
    async fn hit(&self, name: &'static str);
}

/// The sources of time and randomness.
#[derive(Clone)]
pub struct Runtime {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    failpoints: Option<Arc<dyn Failpoints>>,
}

impl Runtime {
    /// With this clock and randomness, for tests.
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            clock,
            entropy,
            failpoints: None,
        }
    }

    /// The same sources, with failpoints.
    #[must_use]
    pub fn with_failpoints(mut self, failpoints: Arc<dyn Failpoints>) -> Self {
        self.failpoints = Some(failpoints);
        self
    }

    /// A failpoint, between a check and its write. Does nothing outside of tests.
    pub async fn failpoint(&self, name: &'static str) {
        if let Some(failpoints) = &self.failpoints {
            failpoints.hit(name).await;
        }
    }

    /// The clock and generator of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self::new(Arc::new(SystemClock), Arc::new(SystemEntropy))
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new id: UUIDv7 (RFC 9562), so that rows made together lie together in an index.
    pub fn new_id<I: From<Uuid>>(&self) -> I {
        let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or_default();
        let random = self.random_bytes::<10>();
        uuid::Builder::from_unix_timestamp_millis(millis, &random)
            .into_uuid()
            .into()
    }

    /// `N` random bytes.
    #[must_use]
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// Random text of the given length, from characters that are hard to misread.
    #[must_use]
    pub fn random_token(&self, length: usize) -> String {
        // 32 characters: each encodes exactly five bits, so all are equally likely.
        const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
        let mut bytes = vec![0; length];
        self.entropy.fill(&mut bytes);
        bytes
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
            .collect()
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Runtime")
    }
}
