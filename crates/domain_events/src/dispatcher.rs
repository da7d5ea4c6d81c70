//! Tells listeners what they were not told right after the commit.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use tenantry_core::outbox::{DeliveryQueue, NotificationListener};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{EventBus, worker};

/// How a dispatcher works.
#[derive(Clone, Copy, Debug)]
pub struct DispatcherOptions {
    /// How often to look for what is due, when nobody says that there is something.
    pub poll: Duration,
    /// How many streams one listener is told of at the same time. Each may hold a connection.
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

/// The dispatcher of a process: a task for each listener, so that none waits for another.
///
/// Several processes share the work. Dropped without [`stop`](Self::stop), it ends in the middle
/// of it, and nothing is lost.
pub struct Dispatcher {
    bus: Arc<EventBus>,
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

impl Dispatcher {
    /// Starts to dispatch to the listeners that are registered by now.
    #[must_use]
    pub fn start(bus: &Arc<EventBus>, queue: &DeliveryQueue, options: DispatcherOptions) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for listener in bus.all() {
            let worker = worker::run(listener, queue.clone(), options.streams, stopped.clone());
            tasks.spawn(worker);
        }
        tasks.spawn(look(Arc::clone(bus), queue.clone(), options.poll, stopped));
        bus.dispatchers().fetch_add(1, Ordering::AcqRel);
        Self {
            bus: Arc::clone(bus),
            tasks,
            stop,
        }
    }

    /// Begins nothing more, and waits for what is under way, but not longer than this.
    pub async fn stop(mut self, patience: Duration) {
        self.stop.send_replace(true);
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(patience, ended).await.is_err() {
            tracing::warn!("listeners were still busy; they are told again after the next start");
        }
    }

    /// Does everything that is due and returns: for tests, and for programs that end.
    ///
    /// What fails is tried once and not again.
    pub async fn drain(bus: &EventBus, queue: &DeliveryQueue) {
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

/// Looks for what is due, every now and then and whenever another process says so, and wakes
/// those who do it.
async fn look(
    bus: Arc<EventBus>,
    queue: DeliveryQueue,
    poll: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut wakes = None;
    loop {
        match queue.listeners_with_due_deliveries().await {
            Ok(due) => {
                for listener in bus.all() {
                    if due.iter().any(|name| name == listener.name()) {
                        listener.wake.notify_one();
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the queue of events can't be read"),
        }
        if wakes.is_none() {
            wakes = hear(&queue).await;
        }
        tokio::select! {
            () = sleep(poll) => {}
            heard = next(&mut wakes) => if !heard {
                wakes = None;
                sleep(poll).await;
            },
            _ = stop.changed() => return,
        }
    }
}

async fn hear(queue: &DeliveryQueue) -> Option<NotificationListener> {
    match queue.listen().await {
        Ok(wakes) => Some(wakes),
        Err(error) => {
            tracing::warn!(%error, "other processes can't be heard; looking is enough");
            None
        }
    }
}

/// Whether something was heard; false when the connection is lost.
async fn next(wakes: &mut Option<NotificationListener>) -> bool {
    match wakes {
        Some(wakes) => wakes.next().await.is_ok(),
        None => std::future::pending().await,
    }
}
