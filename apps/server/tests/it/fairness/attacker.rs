//! The connections of an attack.

use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Runtime,
    time::{sleep, timeout},
};

use super::{
    attacks::{Attack, Manner},
    connection::Connection,
};
use crate::pressure::attacker_runtime;

/// After a refusal or a closed connection. A client that doesn't pause at all measures this machine.
const PAUSE: Duration = Duration::from_millis(2);

/// Between two bytes of a head that never ends.
const BETWEEN_BYTES: Duration = Duration::from_millis(500);

/// How often each status was received.
pub(super) type Statuses = BTreeMap<u16, usize>;

pub(super) struct Attackers {
    runtime: Runtime,
    statuses: Arc<Mutex<Statuses>>,
}

impl Attackers {
    pub(super) fn start(attack: &Attack, server: &str) -> Self {
        let runtime = attacker_runtime();
        let statuses = Arc::<Mutex<Statuses>>::default();
        let number = Arc::<AtomicUsize>::default();
        for _ in 0..attack.connections {
            let connection = Connection::new(server, Ipv4Addr::LOCALHOST);
            let (statuses, number) = (Arc::clone(&statuses), Arc::clone(&number));
            let (manner, request) = (attack.manner, Arc::clone(&attack.request));
            runtime.spawn(async move {
                let next = || request(number.fetch_add(1, Ordering::Relaxed));
                match manner {
                    Manner::Answered => answered(connection, next, &statuses).await,
                    Manner::Unread => unread(connection, next).await,
                    Manner::Unfinished => unfinished(connection, next).await,
                }
            });
        }
        Self { runtime, statuses }
    }

    /// Whether a response has this status.
    pub(super) fn received(&self, status: u16) -> bool {
        let statuses = self.statuses.lock().expect("nothing panics under it");
        statuses.contains_key(&status)
    }

    /// Ends all connections. Returns what was received.
    pub(super) fn stop(self) -> Statuses {
        self.runtime.shutdown_background();
        let statuses = self.statuses.lock().expect("nothing panics under it");
        statuses.clone()
    }
}

/// Sends the next request when the last one is answered.
async fn answered(
    mut connection: Connection,
    next: impl Fn() -> Vec<u8>,
    statuses: &Mutex<Statuses>,
) {
    loop {
        let Ok(status) = connection.exchange(&next()).await else {
            sleep(PAUSE).await;
            continue;
        };
        count(statuses, status);
        if status >= 400 {
            sleep(PAUSE).await;
        }
    }
}

fn count(statuses: &Mutex<Statuses>, status: u16) {
    let mut statuses = statuses.lock().expect("nothing panics under it");
    *statuses.entry(status).or_default() += 1;
}

/// Sends requests and reads no response, until the connection is closed.
async fn unread(mut connection: Connection, next: impl Fn() -> Vec<u8>) {
    loop {
        let sent = timeout(BETWEEN_BYTES, connection.write(&next())).await;
        if matches!(sent, Ok(Err(_))) {
            connection.close();
        }
        sleep(BETWEEN_BYTES).await;
    }
}

/// Sends a request byte by byte, until the connection is closed.
async fn unfinished(mut connection: Connection, next: impl Fn() -> Vec<u8>) {
    loop {
        for byte in next() {
            if connection.write(&[byte]).await.is_err() {
                connection.close();
                break;
            }
            sleep(BETWEEN_BYTES).await;
        }
        sleep(PAUSE).await;
    }
}
