//! Delivers what was not delivered inline after the commit.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tenantry_core::{
    db::DbError,
    outbox::{DeliveryQueue, NotificationListener},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{EventBus, scheduler, worker};

/// The options of a dispatcher.
#[derive(Clone, Copy, Debug)]
pub struct DispatcherOptions {
    /// How often to poll for due deliveries without a notification.
    pub poll: Duration,
    /// How many streams one listener handles concurrently. Each may hold a connection.
    pub streams: u16,
}

impl Default for DispatcherOptions {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            streams: 2,
        }
    }
}

/// The dispatcher of a process: a task for each listener and for each handler of jobs, so that none
/// delays another.
///
/// Several processes share the work. Dropping it without [`stop`](Self::stop) aborts the work in
/// progress; nothing is lost.
pub struct Dispatcher {
    bus: Arc<EventBus>,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Dispatcher {
    /// Starts dispatching to the listeners registered so far.
    #[must_use]
    pub fn start(bus: &Arc<EventBus>, queue: &DeliveryQueue, options: DispatcherOptions) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for listener in bus.all() {
            let worker = worker::run(listener, queue.clone(), options.streams, stopped.clone());
            tasks.spawn(worker);
        }
        tasks.spawn(scheduler::run(
            Arc::clone(bus),
            queue.clone(),
            options.poll,
            stopped.clone(),
        ));
        tasks.spawn(poll_loop(
            Arc::clone(bus),
            queue.clone(),
            options.poll,
            stopped,
        ));
        bus.dispatchers().fetch_add(1, Ordering::AcqRel);
        Self {
            bus: Arc::clone(bus),
            tasks,
            stop,
        }
    }

    /// Starts no further delivery, and waits for those in progress up to this timeout.
    pub async fn stop(mut self, limit: Duration) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(limit, ended).await.is_err() {
            tracing::warn!(
                "listeners were still busy; their deliveries are repeated after the next start"
            );
        }
    }

    /// Processes everything that is due and returns: for tests, and for short-lived programs.
    ///
    /// A failed delivery is not retried here. Schedules are renewed first, and their jobs enqueued that
    /// are due.
    pub async fn drain(bus: &EventBus, queue: &DeliveryQueue) {
        scheduler::drain(bus, queue).await;
        loop {
            let mut done = 0;
            for listener in bus.all() {
                done += worker::drain(&listener, queue).await;
            }
            if done == 0 {
                return;
            }
        }
    }
}

impl Drop for Dispatcher {
    fn drop(&mut self) {
        self.bus.dispatchers().fetch_sub(1, Ordering::AcqRel);
    }
}

/// Polls for due deliveries, at an interval and at each notification, and wakes their listeners'
/// workers.
async fn poll_loop(
    bus: Arc<EventBus>,
    queue: DeliveryQueue,
    poll: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut notifications = None;
    loop {
        match due(&bus, &queue).await {
            Ok(due) => {
                for listener in bus.all() {
                    if due.iter().any(|name| name == listener.name()) {
                        listener.wake.notify_one();
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the delivery queue could not be read"),
        }
        if notifications.is_none() {
            notifications = subscribe(&queue).await;
        }
        tokio::select! {
            () = sleep(poll) => {}
            connected = next_wakeup(&mut notifications) => if !connected {
                notifications = None;
                sleep(poll).await;
            },
            _ = stop.changed() => return,
        }
    }
}

/// The listeners with deliveries and the handlers with jobs to claim now.
async fn due(bus: &EventBus, queue: &DeliveryQueue) -> Result<Vec<String>, DbError> {
    let mut due = queue.listeners_with_due_deliveries(&bus.names()).await?;
    if !bus.handlers().is_empty() {
        due.extend(queue.due_jobs().await?);
    }
    Ok(due)
}

async fn subscribe(queue: &DeliveryQueue) -> Option<NotificationListener> {
    match queue.listen().await {
        Ok(notifications) => Some(notifications),
        Err(error) => {
            tracing::warn!(%error, "no notifications from other processes; polling continues");
            None
        }
    }
}

/// Waits for a notification; false when the connection is lost.
async fn next_wakeup(notifications: &mut Option<NotificationListener>) -> bool {
    match notifications {
        Some(notifications) => notifications.next().await.is_ok(),
        None => std::future::pending().await,
    }
}
