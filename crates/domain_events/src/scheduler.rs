//! Enqueues the jobs of schedules.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tenantry_core::{
    db::DbError,
    outbox::{DeliveryQueue, DueSchedule},
};
use tokio::{sync::watch, time::sleep};

use crate::{EventBus, entry::ListenerEntry};

/// How often organizations are looked up that have no schedule yet, or another time zone.
const RENEW_EVERY: Duration = Duration::from_secs(60);

/// Schedules that are read at a time.
const BATCH: u32 = 500;

/// Enqueues what is due at an interval, until it is stopped.
pub(crate) async fn run(
    bus: Arc<EventBus>,
    queue: DeliveryQueue,
    poll: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let scheduled: Vec<_> = bus.scheduled();
    if scheduled.is_empty() {
        return;
    }
    let mut renewed: Option<Instant> = None;
    loop {
        let renews = renewed.is_none_or(|last| last.elapsed() >= RENEW_EVERY);
        let mut complete = true;
        for entry in &scheduled {
            if renews {
                complete &= logged(entry, renew(entry, &queue).await);
            }
            logged(entry, fire_due(entry, &queue).await);
        }
        if renews && complete {
            renewed = Some(Instant::now());
        }
        tokio::select! {
            () = sleep(poll) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Renews all schedules, and enqueues what is due.
pub(crate) async fn drain(bus: &EventBus, queue: &DeliveryQueue) {
    for entry in bus.scheduled() {
        logged(&entry, renew(&entry, queue).await);
        logged(&entry, fire_due(&entry, queue).await);
    }
}

fn logged(entry: &ListenerEntry, outcome: Result<(), DbError>) -> bool {
    let job = entry.name();
    let outcome = outcome.inspect_err(|error| {
        tracing::warn!(job, %error, "a schedule could not be read or moved");
    });
    outcome.is_ok()
}

/// Computes the next time of organizations that have none, or one by another rule.
async fn renew(entry: &ListenerEntry, queue: &DeliveryQueue) -> Result<(), DbError> {
    let Some((schedule, _)) = entry.schedule() else {
        return Ok(());
    };
    loop {
        let outdated = queue.outdated_schedules(entry.name(), schedule.expression(), BATCH);
        let outdated = outdated.await?;
        for found in &outdated {
            let zone = found.timezone.as_deref();
            let Some(next) = schedule.next(zone, queue.now()) else {
                continue;
            };
            let rule = schedule.rule(zone);
            let set = queue.set_schedule(entry.name(), found.organization, &rule, next);
            set.await?;
        }
        if outdated.len() < BATCH as usize {
            return Ok(());
        }
    }
}

async fn fire_due(entry: &ListenerEntry, queue: &DeliveryQueue) -> Result<(), DbError> {
    loop {
        let due = queue.due_schedules(entry.name(), BATCH).await?;
        for schedule in &due {
            queue.failpoint("jobs.schedule_due").await;
            fire(entry, queue, schedule).await?;
        }
        if !due.is_empty() {
            entry.wake.notify_one();
        }
        if due.len() < BATCH as usize {
            return Ok(());
        }
    }
}

/// However many times have passed since the last one, the job is enqueued once.
async fn fire(
    entry: &ListenerEntry,
    queue: &DeliveryQueue,
    due: &DueSchedule,
) -> Result<(), DbError> {
    let Some((schedule, job)) = entry.schedule() else {
        return Ok(());
    };
    let zone = due.timezone.as_deref();
    let rule = schedule.rule(zone);
    let Some(next) = schedule.next(zone, queue.now()) else {
        return Ok(());
    };
    if rule == due.rule {
        queue.fire(due, next, job).await.map(drop)
    } else {
        // The organization's zone was changed since: the time is none any more.
        let set = queue.set_schedule(entry.name(), due.organization, &rule, next);
        set.await
    }
}
