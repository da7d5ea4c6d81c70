//! The dispatcher of one listener.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use tenantry_core::outbox::{Delivery, DeliveryQueue};
use tokio::{sync::watch, task::JoinSet};

use crate::entry::{ListenerEntry, Outcome};

/// Tells the listener whatever it is to be told, some streams at a time, until told to stop; then
/// it finishes what it began.
pub(crate) async fn run(
    listener: Arc<ListenerEntry>,
    queue: DeliveryQueue,
    streams: u16,
    mut stop: watch::Receiver<bool>,
) {
    let mut batches = JoinSet::new();
    loop {
        let free = streams.saturating_sub(u16::try_from(batches.len()).unwrap_or(u16::MAX));
        let mut full = free == 0;
        if !full {
            let claimed = claim(&listener, &queue, free).await;
            full = claimed.len() == usize::from(free);
            for batch in claimed {
                let (listener, queue, stop) = (Arc::clone(&listener), queue.clone(), stop.clone());
                batches.spawn(async move { work_off(&listener, &queue, batch, &stop).await });
            }
        }
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = batches.join_next() => {}
            () = listener.wake.notified(), if !full => {}
        }
    }
    while batches.join_next().await.is_some() {}
}

/// Tells the listener whatever is due now, and answers how much it was.
pub(crate) async fn drain(listener: &ListenerEntry, queue: &DeliveryQueue) -> usize {
    let (_going_on, stop) = watch::channel(false);
    let mut done = 0;
    for batch in claim(listener, queue, 16).await {
        done += batch.len();
        work_off(listener, queue, batch, &stop).await;
    }
    done
}

async fn claim(
    listener: &ListenerEntry,
    queue: &DeliveryQueue,
    streams: u16,
) -> Vec<Vec<Delivery>> {
    match queue.claim(listener.name(), streams).await {
        Ok(claimed) => {
            if !claimed.is_empty() {
                listener.left.store(false, Ordering::Release);
            }
            claimed
        }
        Err(error) => {
            let listener = listener.name();
            tracing::warn!(listener, %error, "no deliveries could be had");
            Vec::new()
        }
    }
}

/// Tells the listener of these events of one stream, in their order. The first failure ends it:
/// what comes after has to wait.
async fn work_off(
    listener: &ListenerEntry,
    queue: &DeliveryQueue,
    batch: Vec<Delivery>,
    stop: &watch::Receiver<bool>,
) {
    let begun = Instant::now();
    let envelopes = match queue.read(&batch).await {
        Ok(envelopes) => envelopes,
        Err(error) => {
            let listener = listener.name();
            // Not given back: the lease is a pause for whatever is the matter.
            return tracing::warn!(listener, %error, "events can't be read");
        }
    };
    for (place, (delivery, envelope)) in batch.iter().zip(envelopes).enumerate() {
        // The first is tried in any case, or nothing would ever be.
        let late = place > 0 && begun.elapsed() + listener.deadline() > DeliveryQueue::LEASE;
        if late || *stop.borrow() {
            return listener.leave(queue, &batch[place..]).await;
        }
        if listener.attempt(queue, delivery, envelope).await == Outcome::FailureOutcome {
            return listener.leave(queue, &batch[place + 1..]).await;
        }
    }
}
