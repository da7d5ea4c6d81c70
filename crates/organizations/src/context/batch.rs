//! Asking once for what several ask for at the same time.
//!
//! Every request asks the same question with another key. Where many come together they would
//! wait in a line for a connection; instead one question is asked for all who wait. Nothing is
//! kept: a key is waiting before its question is sent, so an answer is never older than the
//! request that it is for.

use std::{
    collections::HashMap,
    hash::Hash,
    mem,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tenantry_core::db::DbError;
use tokio::{sync::oneshot, task, time};
use tracing::{Instrument as _, Span};

/// As many keys as one question has at most.
const MOST: usize = 64;

/// How often others have a turn before a question is sent. Whoever comes about the same time comes
/// into the line by then, for next to nothing where nobody does; and each question that is not sent
/// is a system call, a waking and a plan less.
const TURNS: usize = 4;

/// How long a question may take. A connection that says nothing more would otherwise hold up
/// everybody: on another one they may be answered.
const PATIENCE: Duration = Duration::from_secs(1);

type Found<K, V> = Result<HashMap<K, V>, DbError>;
type Load<K, V> = dyn Fn(Vec<K>) -> BoxFuture<'static, Found<K, V>> + Send + Sync;

/// One question that is asked with many keys.
pub(super) struct Batch<K, V> {
    load: Box<Load<K, V>>,
    line: Mutex<Line<K, V>>,
}

/// Somebody in the line.
struct Waiting<K, V> {
    key: K,
    tell: oneshot::Sender<Result<Option<V>, DbError>>,
    /// Of his request.
    span: Span,
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
    ///
    /// # Panics
    /// Without a runtime.
    pub(super) async fn ask(self: &Arc<Self>, key: K) -> Result<Option<V>, DbError> {
        let (tell, answer) = oneshot::channel();
        let is_first = {
            let mut line = self.line();
            line.waiting.push(Waiting {
                key: key.clone(),
                tell,
                span: Span::current(),
            });
            !mem::replace(&mut line.asking, true)
        };
        if is_first {
            // Of nobody's request, so nobody who hangs up ends it for the others. It begins when
            // those who came in the same moment are in the line as well.
            task::spawn(Self::go_on(Turn(Arc::clone(self))));
        }
        match answer.await {
            Ok(answer) => answer,
            // The question for all of them ended without an answer: it took too long, or panicked.
            Err(_) => Ok(self.found(vec![key.clone()]).await?.remove(&key)),
        }
    }

    /// Asks. Where the database is away those who wait are told so as well: each question in vain
    /// takes its time, and they would wait for another one.
    async fn found(&self, keys: Vec<K>) -> Found<K, V> {
        let found = (self.load)(keys).await;
        if let Err(error @ DbError::Unavailable(_)) = &found {
            let waiting = mem::take(&mut self.line().waiting);
            for Waiting { tell, .. } in waiting {
                drop(tell.send(Err(error.share())));
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
            for _ in 0..TURNS {
                task::yield_now().await;
            }
            let waiting = batch.next();
            // What is logged of the question is of one of those whom it is for.
            let Some(span) = waiting.first().map(|first| first.span.clone()) else {
                return;
            };
            let keys = waiting.iter().map(|one| one.key.clone()).collect();
            let question = batch.found(keys).instrument(span);
            let Ok(found) = time::timeout(PATIENCE, question).await else {
                // Each of them is told nothing, and asks for himself.
                continue;
            };
            for Waiting { key, tell, .. } in waiting {
                let answer = match &found {
                    Ok(found) => Ok(found.get(&key).cloned()),
                    Err(error) => Err(error.share()),
                };
                // He may have hung up.
                drop(tell.send(answer));
            }
        }
    }

    fn next(&self) -> Vec<Waiting<K, V>> {
        let mut line = self.line();
        line.waiting.retain(|one| !one.tell.is_closed());
        let waiting = line.waiting.len().min(MOST);
        let later = line.waiting.split_off(waiting);
        mem::replace(&mut line.waiting, later)
    }
}

/// The right to ask. Whoever waits when it ends asks for himself.
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
        let waiting = {
            let mut line = self.0.line();
            line.asking = false;
            mem::take(&mut line.waiting)
        };
        // To be told is to be woken, and that is not for under the lock.
        drop(waiting);
    }
}
