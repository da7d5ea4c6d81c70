//! Failpoints that tests close, to force races deterministically.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use tenantry_core::runtime::Failpoints;
use tokio::sync::watch;

/// Named points between a check and the write that depends on it. Each is open until a test closes
/// it.
#[derive(Debug, Default)]
pub struct TestFailpoints(Mutex<HashMap<&'static str, Arc<Inner>>>);

#[derive(Debug)]
struct Inner {
    arrived: watch::Sender<usize>,
    is_open: watch::Sender<bool>,
}

/// A closed failpoint. It stays closed until it is opened or dropped.
#[derive(Debug)]
pub struct Failpoint(Arc<Inner>);

impl TestFailpoints {
    /// Closes a failpoint: work that hits it waits.
    ///
    /// # Panics
    /// When another test thread panicked in this method.
    pub fn close(&self, name: &'static str) -> Failpoint {
        let inner = Arc::new(Inner {
            arrived: watch::Sender::new(0),
            is_open: watch::Sender::new(false),
        });
        let mut closed = self.0.lock().expect("not poisoned");
        closed.insert(name, Arc::clone(&inner));
        Failpoint(inner)
    }
}

impl Failpoint {
    /// Waits until it was hit this many times.
    pub async fn reached(&self, times: usize) {
        let mut arrived = self.0.arrived.subscribe();
        let enough = arrived.wait_for(|arrived| *arrived >= times).await;
        enough.expect("the failpoint holds the sender");
    }

    /// Opens it for good: waiting work continues.
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
    async fn hit(&self, name: &'static str) {
        let closed = self.0.lock().expect("not poisoned").get(name).cloned();
        let Some(failpoint) = closed else {
            return;
        };
        failpoint.arrived.send_modify(|arrived| *arrived += 1);
        let mut is_open = failpoint.is_open.subscribe();
        let opened = is_open.wait_for(|is_open| *is_open).await;
        opened.expect("the failpoint holds the sender");
    }
}
