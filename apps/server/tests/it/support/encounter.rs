//! Two at one place at once: a race that is forced and not hoped for.

use std::time::Duration;

use async_trait::async_trait;
use tenantry_core::runtime::Failpoints;
use tokio::{sync::Barrier, time::timeout};

/// Holds up whoever comes to a place until another has come there as well. Where a lock keeps the
/// other one away, he goes on alone after a while.
pub(crate) struct Encounter {
    place: &'static str,
    both: Barrier,
}

impl Encounter {
    pub(crate) fn at(place: &'static str) -> Self {
        Self {
            place,
            both: Barrier::new(2),
        }
    }
}

#[async_trait]
impl Failpoints for Encounter {
    async fn hit(&self, place: &'static str) {
        if place == self.place {
            drop(timeout(Duration::from_millis(500), self.both.wait()).await);
        }
    }
}
