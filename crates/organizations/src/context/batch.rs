//! Asking once for what several ask for at the same time.
//!
//! Every request asks the same question with another key. Where many come together they would
//! wait in a line for a connection; instead whoever is next asks for all who wait. Nothing is
//! kept: a key is waiting before its question is sent, so an answer is never older than the
//! request that it is for.

use std::{
    collections::HashMap,
    hash::Hash,
    mem,
    sync::{Arc, Mutex, MutexGuard},
};

use futures_util::future::BoxFuture;
use tenantry_core::db::DbError;
use tokio::{runtime::Handle, sync::oneshot};

/// As many keys as one question has at most.
const MOST: usize = 64;

type Found<K, V> = Result<HashMap<K, V>, DbError>;
type Load<K, V> = dyn Fn(Vec<K>) -> BoxFuture<'static, Found<K, V>> + Send + Sync;
type Waiting<K, V> = (K, oneshot::Sender<Result<Option<V>, DbError>>);

/// One question that is asked with many keys.
pub(super) struct Batch<K, V> {
    load: Box<Load<K, V>>,
    line: Mutex<Line<K, V>>,
}

struct Line<K, V> {
    /// Whether a question is under way.
    asking: bool,
    waiting: Vec<Waiting<K, V>>,
}

impl<K, V> Batch<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    /// What is asked: it finds the value of each key that has one.
    pub(super) fn new<L, F>(load: L) -> Arc<Self>
    where
        L: Fn(Vec<K>) -> F + Send + Sync + 'static,
        F: Future<Output = Found<K, V>> + Send + 'static,
    {
        let line = Line {
            asking: false,
            waiting: Vec::new(),
        };
        Arc::new(Self {
            load: Box::new(move |keys| Box::pin(load(keys))),
            line: Mutex::new(line),
        })
    }

    /// The value of a key.
    ///
    /// # Errors
    /// When the database refuses the question, for each who asked with it.
    pub(super) async fn ask(self: &Arc<Self>, key: K) -> Result<Option<V>, DbError> {
        let answer = {
            let mut line = self.line();
            if line.asking {
                let (tell, answer) = oneshot::channel();
                line.waiting.push((key.clone(), tell));
                Some(answer)
            } else {
                line.asking = true;
                None
            }
        };
        let Some(answer) = answer else {
            // Those who come in the meantime are asked for when this is answered, or given up.
            let _turn = Turn(Arc::clone(self));
            return Ok(self.found(vec![key.clone()]).await?.remove(&key));
        };
        match answer.await {
            Ok(answer) => answer,
            // Whoever asked for all of them panicked.
            Err(_) => Ok(self.found(vec![key.clone()]).await?.remove(&key)),
        }
    }

    /// Asks. Where the database is away those who wait are told so as well: each question in vain
    /// takes its time, and they would wait for another one.
    async fn found(&self, keys: Vec<K>) -> Found<K, V> {
        let found = (self.load)(keys).await;
        if let Err(error @ DbError::Unavailable(_)) = &found {
            let waiting = mem::take(&mut self.line().waiting);
            for (_, tell) in waiting {
                drop(tell.send(Err(error.again())));
            }
        }
        found
    }

    fn line(&self) -> MutexGuard<'_, Line<K, V>> {
        self.line.lock().expect("nothing panics under it")
    }

    /// Asks for those who wait, until nobody does.
    async fn go_on(turn: Turn<K, V>) {
        let batch = Arc::clone(&turn.0);
        loop {
            let waiting = batch.next();
            if waiting.is_empty() {
                return;
            }
            let keys = waiting.iter().map(|(key, _)| key.clone()).collect();
            let found = batch.found(keys).await;
            for (key, tell) in waiting {
                let answer = match &found {
                    Ok(found) => Ok(found.get(&key).cloned()),
                    Err(error) => Err(error.again()),
                };
                // He may have hung up.
                drop(tell.send(answer));
            }
        }
    }

    fn next(&self) -> Vec<Waiting<K, V>> {
        let mut line = self.line();
        let waiting = line.waiting.len().min(MOST);
        let later = line.waiting.split_off(waiting);
        mem::replace(&mut line.waiting, later)
    }
}

/// The right to ask. Whoever gives it up leaves it to those who wait.
struct Turn<K, V>(Arc<Batch<K, V>>)
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static;

impl<K, V> Drop for Turn<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    fn drop(&mut self) {
        {
            let mut line = self.0.line();
            if line.waiting.is_empty() {
                line.asking = false;
                return;
            }
        }
        // Of nobody's request, so nobody who hangs up ends it for the others. Without a runtime
        // there is nobody left to answer.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(Batch::go_on(Self(Arc::clone(&self.0))));
        }
    }
}
