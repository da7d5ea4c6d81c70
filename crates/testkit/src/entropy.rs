//! Randomness that is the same in every run and never repeats within one.

use std::sync::atomic::{AtomicU64, Ordering};

use tenantry_core::runtime::Entropy;

/// The step of SplitMix64 (Steele, Lea, Flood 2014): odd, so that it visits every state.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A generator that gives the same bytes in every run, and no eight of them twice.
///
/// Only for tests: all secrets follow from the seed.
#[derive(Debug, Default)]
pub struct SeededEntropy {
    state: AtomicU64,
}

impl SeededEntropy {
    /// A generator that starts from the given seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
        }
    }

    fn next(&self) -> u64 {
        let mut z = self
            .state
            .fetch_add(STEP, Ordering::Relaxed)
            .wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}
