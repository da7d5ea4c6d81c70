//! The pending deliveries of all listeners, for operators.

use tenantry_core::{
    db::DbError,
    outbox::{Backlog, DeadLetter, DeliveryQueue},
};

use crate::EventBus;

/// Deliveries dropped in one transaction.
const BATCH: u32 = 1_000;

/// The deliveries of the listeners of this program, and of those that it no longer has. Cheap to clone.
#[derive(Clone)]
pub struct Deliveries {
    queue: DeliveryQueue,
    listeners: Vec<&'static str>,
}

impl Deliveries {
    /// Those of the listeners that the bus has.
    #[must_use]
    pub fn of(bus: &EventBus, queue: DeliveryQueue) -> Self {
        let listeners = bus.names();
        Self { queue, listeners }
    }

    /// Whether this program has the listener.
    #[must_use]
    pub fn has_listener(&self, name: &str) -> bool {
        self.listeners.contains(&name)
    }

    /// The pending deliveries of every listener, by its name, including listeners with none. A
    /// listener that this program no longer has is included while it has deliveries.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn backlog(&self) -> Result<Vec<Backlog>, DbError> {
        let mut backlog = self.queue.backlog().await?;
        for listener in &self.listeners {
            if backlog.iter().all(|known| known.listener != *listener) {
                backlog.push(Backlog::none(listener));
            }
        }
        backlog.sort_by(|one, other| one.listener.cmp(&other.listener));
        Ok(backlog)
    }

    /// The dead letters of one listener, or of all, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn dead_letters(&self, listener: Option<&str>) -> Result<Vec<DeadLetter>, DbError> {
        self.queue.dead_letters(listener).await
    }

    /// Requeues the dead letters of a listener.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn retry(&self, listener: &str) -> Result<u64, DbError> {
        self.queue.requeue_dead_letters(listener).await
    }

    /// Drops what waits for a listener that this program no longer has; nothing if it has it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, listener: &str) -> Result<u64, DbError> {
        let mut dropped = 0;
        while !self.has_listener(listener) {
            let batch = self.queue.discard(listener, BATCH).await?;
            dropped += batch;
            if batch < u64::from(BATCH) {
                break;
            }
        }
        Ok(dropped)
    }
}
