//! Makes two tasks meet at a failpoint, so that a race happens in every run.

use std::time::Duration;

use async_trait::async_trait;
use tenantry_core::runtime::Failpoints;
use tokio::{sync::Barrier, time::timeout};

/// Blocks the first task at a failpoint until a second one arrives. If a lock keeps the second
/// one out, the first continues after a timeout.
pub(crate) struct Rendezvous {
    place: &'static str,
    both: Barrier,
}

impl Rendezvous {
    pub(crate) fn at(place: &'static str) -> Self {
        Self {
            place,
            both: Barrier::new(2),
        }
    }
}

#[async_trait]
impl Failpoints for Rendezvous {
    async fn hit(&self, place: &'static str) {
        if place == self.place {
            drop(timeout(Duration::from_millis(500), self.both.wait()).await);
        }
    }
}
