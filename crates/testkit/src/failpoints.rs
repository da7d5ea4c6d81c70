//! Gates, so that races are forced and not hoped for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use tenantry_core::runtime::Failpoints;
use tokio::sync::watch;

/// The places where work can be held up between a check and the write that rests on it. All are
/// open until a test closes one.
#[derive(Debug, Default)]
pub struct TestFailpoints(Mutex<HashMap<&'static str, Arc<Inner>>>);

#[derive(Debug)]
struct Inner {
    arrived: watch::Sender<usize>,
    is_open: watch::Sender<bool>,
}

/// A gate that was closed. It stays closed until it is opened, or dropped.
#[derive(Debug)]
pub struct Failpoint(Arc<Inner>);

impl TestFailpoints {
    /// Closes a place: work that comes there waits.
    ///
    /// # Panics
    /// When a test panicked while it closed another one.
    pub fn close(&self, place: &'static str) -> Failpoint {
        let inner = Arc::new(Inner {
            arrived: watch::Sender::new(0),
            is_open: watch::Sender::new(false),
        });
        let mut places = self.0.lock().expect("not poisoned");
        places.insert(place, Arc::clone(&inner));
        Failpoint(inner)
    }
}

impl Failpoint {
    /// Waits until so many have come to it.
    pub async fn reached(&self, times: usize) {
        let mut arrived = self.0.arrived.subscribe();
        let enough = arrived.wait_for(|arrived| *arrived >= times).await;
        enough.expect("the gate has the sender");
    }

    /// Lets everybody through, from now on.
    pub fn open(self) {
        drop(self);
    }
}

impl Drop for Failpoint {
    fn drop(&mut self) {
        self.0.is_open.send_replace(true);
    }
}

#[async_trait]
impl Failpoints for TestFailpoints {
    async fn hit(&self, place: &'static str) {
        let gate = self.0.lock().expect("not poisoned").get(place).cloned();
        let Some(gate) = gate else {
            return;
        };
        gate.arrived.send_modify(|arrived| *arrived += 1);
        let mut is_open = gate.is_open.subscribe();
        let opened = is_open.wait_for(|is_open| *is_open).await;
        opened.expect("the gate has the sender");
    }
}
