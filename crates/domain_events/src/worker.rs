//! The worker of one listener.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use tenantry_core::outbox::{Delivery, DeliveryQueue};
use tokio::{sync::watch, task::JoinSet};

use crate::entry::{ListenerEntry, Outcome};

/// How long the jobs of one organization are done until others have their turn.
const TURN: Duration = Duration::from_millis(500);

/// Processes the listener's deliveries, several streams at a time, until it is stopped; then it
/// finishes the batches in progress. It starts when it is woken: most listeners have nothing to do
/// when a process starts, and one query knows which do.
pub(crate) async fn run(
    listener: Arc<ListenerEntry>,
    queue: DeliveryQueue,
    streams: u16,
    mut stop: watch::Receiver<bool>,
) {
    let mut batches = JoinSet::new();
    tokio::select! {
        _ = stop.changed() => return,
        () = listener.wake.notified() => {}
    }
    loop {
        let free = streams.saturating_sub(u16::try_from(batches.len()).unwrap_or(u16::MAX));
        let mut full = free == 0;
        if !full {
            let claimed = claim(&listener, &queue, free).await;
            full = claimed.len() == usize::from(free);
            for batch in claimed {
                let (listener, queue, stop) = (Arc::clone(&listener), queue.clone(), stop.clone());
                batches.spawn(async move { process(&listener, &queue, batch, &stop).await });
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

/// Processes what is due now, and returns the number of deliveries.
pub(crate) async fn drain(listener: &ListenerEntry, queue: &DeliveryQueue) -> usize {
    let (_running, stop) = watch::channel(false);
    let mut done = 0;
    for batch in claim(listener, queue, 16).await {
        done += batch.len();
        process(listener, queue, batch, &stop).await;
    }
    done
}

async fn claim(
    listener: &ListenerEntry,
    queue: &DeliveryQueue,
    streams: u16,
) -> Vec<Vec<Delivery>> {
    let claimed = if listener.is_of_jobs() {
        listener.claim_jobs(queue, streams).await
    } else {
        queue.claim(listener.name(), streams).await
    };
    match claimed {
        Ok(claimed) => {
            if !claimed.is_empty() {
                listener.has_backlog.store(false, Ordering::Release);
            }
            claimed
        }
        Err(error) => {
            let listener = listener.name();
            tracing::warn!(listener, %error, "deliveries could not be claimed");
            Vec::new()
        }
    }
}

/// Processes a batch of one stream, or of the jobs of one organization.
async fn process(
    listener: &ListenerEntry,
    queue: &DeliveryQueue,
    batch: Vec<Delivery>,
    stop: &watch::Receiver<bool>,
) {
    if listener.is_of_jobs() {
        process_jobs(listener, queue, batch, stop).await;
    } else {
        process_batch(listener, queue, batch, stop).await;
    }
}

/// Does these jobs of one organization. One that fails delays no other. After a while the rest is left
/// to the next claim, so that other organizations have their turn.
async fn process_jobs(
    handler: &ListenerEntry,
    queue: &DeliveryQueue,
    batch: Vec<Delivery>,
    stop: &watch::Receiver<bool>,
) {
    let started = Instant::now();
    for (index, delivery) in batch.iter().enumerate() {
        // The first is always attempted, or the batch would never progress.
        let late = index > 0 && started.elapsed() > TURN;
        if late || *stop.borrow() {
            return handler.release(queue, &batch[index..]).await;
        }
        match queue.read_job(delivery).await {
            Ok(envelope) => {
                handler.attempt(queue, delivery, envelope).await;
            }
            Err(error) => {
                let job = handler.name();
                // Not released: the lease serves as a backoff.
                return tracing::warn!(job, %error, "a job could not be read");
            }
        }
    }
}

/// Delivers these events of one stream, in order. The first failure ends the batch: later events
/// wait for it.
async fn process_batch(
    listener: &ListenerEntry,
    queue: &DeliveryQueue,
    batch: Vec<Delivery>,
    stop: &watch::Receiver<bool>,
) {
    let started = Instant::now();
    let envelopes = match queue.read(&batch).await {
        Ok(envelopes) => envelopes,
        Err(error) => {
            let listener = listener.name();
            // Not released: the lease serves as a backoff.
            return tracing::warn!(listener, %error, "events could not be read");
        }
    };
    for (index, (delivery, envelope)) in batch.iter().zip(envelopes).enumerate() {
        // The first is always attempted, or the batch would never progress.
        let late = index > 0 && started.elapsed() + listener.deadline() > DeliveryQueue::LEASE;
        if late || *stop.borrow() {
            return listener.release(queue, &batch[index..]).await;
        }
        if listener.attempt(queue, delivery, envelope).await == Outcome::Failed {
            return listener.release(queue, &batch[index + 1..]).await;
        }
    }
}
