//! Coalesces concurrent lookups of single keys into one query.
//!
//! Many requests run the same query with different keys. Under load each would wait for a
//! connection of its own; [`BatchLoader`] sends one query for all that wait. Nothing is cached: a
//! key is queued before its query is sent, so a result is never older than the request for it.

use std::{
    collections::HashMap,
    hash::Hash,
    mem,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::future::BoxFuture;
use tokio::{sync::oneshot, task, time};
use tracing::{Instrument as _, Span};

use crate::db::DbError;

/// Maximum number of keys of one query.
const MAX_BATCH: usize = 64;

/// Number of yields before a batch is sent, so that concurrent requests can join it. They cost
/// next to nothing without concurrency; a larger batch saves system calls, wake-ups and planning.
const YIELDS_BEFORE_BATCH: usize = 4;

/// How long a batch may take. After that each waiter loads its own key, on another connection,
/// because the batch's connection may be stalled.
const BATCH_TIMEOUT: Duration = Duration::from_secs(1);

type BatchResult<K, V> = Result<HashMap<K, V>, DbError>;
type LoadFn<K, V> = dyn Fn(Vec<K>) -> BoxFuture<'static, BatchResult<K, V>> + Send + Sync;

/// Loads values by key, several keys with one query.
pub struct BatchLoader<K, V> {
    load_keys: Box<LoadFn<K, V>>,
    queue: Mutex<Queue<K, V>>,
}

struct Queue<K, V> {
    /// Whether a task runs batches.
    is_running: bool,
    waiters: Vec<Waiter<K, V>>,
}

struct Waiter<K, V> {
    key: K,
    reply: oneshot::Sender<Result<Option<V>, DbError>>,
    /// The span of the waiter's request.
    span: Span,
}

impl<K, V> BatchLoader<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    /// A loader that runs this query. Its result has no entry for a key without a value.
    pub fn new<L, F>(load_keys: L) -> Arc<Self>
    where
        L: Fn(Vec<K>) -> F + Send + Sync + 'static,
        F: Future<Output = BatchResult<K, V>> + Send + 'static,
    {
        let queue = Queue {
            is_running: false,
            waiters: Vec::new(),
        };
        Arc::new(Self {
            load_keys: Box::new(move |keys| Box::pin(load_keys(keys))),
            queue: Mutex::new(queue),
        })
    }

    /// The value of a key, `None` where it has none.
    ///
    /// # Errors
    /// When the query fails, for each waiter of its batch.
    ///
    /// # Panics
    /// Outside a Tokio runtime.
    pub async fn load(self: &Arc<Self>, key: K) -> Result<Option<V>, DbError> {
        let (reply, result) = oneshot::channel();
        let starts_batch = {
            let mut queue = self.queue();
            queue.waiters.push(Waiter {
                key: key.clone(),
                reply,
                span: Span::current(),
            });
            !mem::replace(&mut queue.is_running, true)
        };
        if starts_batch {
            // A task of its own: a request that is cancelled must not cancel the batch of others.
            task::spawn(Self::run_batches(LeaderGuard(Arc::clone(self))));
        }
        match result.await {
            Ok(result) => result,
            // The batch ended without a reply: it timed out or panicked.
            Err(_) => Ok(self.load_batch(vec![key.clone()]).await?.remove(&key)),
        }
    }

    /// Runs the query. On a connection error every waiter receives the error instead of retrying.
    async fn load_batch(&self, keys: Vec<K>) -> BatchResult<K, V> {
        let result = (self.load_keys)(keys).await;
        if let Err(error @ DbError::Unavailable(_)) = &result {
            let waiters = mem::take(&mut self.queue().waiters);
            for Waiter { reply, .. } in waiters {
                drop(reply.send(Err(error.share())));
            }
        }
        result
    }

    fn queue(&self) -> MutexGuard<'_, Queue<K, V>> {
        self.queue.lock().expect("no panic while it is locked")
    }

    /// Runs batches until the queue is empty.
    async fn run_batches(leader: LeaderGuard<K, V>) {
        let loader = Arc::clone(&leader.0);
        loop {
            for _ in 0..YIELDS_BEFORE_BATCH {
                task::yield_now().await;
            }
            let waiters = loader.next_waiters();
            // The query's log lines belong to one of the requests that it serves.
            let Some(span) = waiters.first().map(|first| first.span.clone()) else {
                return;
            };
            let keys = waiters.iter().map(|waiter| waiter.key.clone()).collect();
            let batch = loader.load_batch(keys).instrument(span);
            let Ok(result) = time::timeout(BATCH_TIMEOUT, batch).await else {
                // The waiters get no reply, and each loads its own key.
                continue;
            };
            for Waiter { key, reply, .. } in waiters {
                let value = match &result {
                    Ok(values) => Ok(values.get(&key).cloned()),
                    Err(error) => Err(error.share()),
                };
                // The request may have been cancelled.
                drop(reply.send(value));
            }
        }
    }

    /// Takes the next waiters from the queue, without the cancelled ones.
    fn next_waiters(&self) -> Vec<Waiter<K, V>> {
        let mut queue = self.queue();
        queue.waiters.retain(|waiter| !waiter.reply.is_closed());
        let next = queue.waiters.len().min(MAX_BATCH);
        let later = queue.waiters.split_off(next);
        mem::replace(&mut queue.waiters, later)
    }
}

/// Held by the task that runs batches. When the task ends, by a panic too, the remaining waiters
/// load their own keys.
struct LeaderGuard<K, V>(Arc<BatchLoader<K, V>>)
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static;

impl<K, V> Drop for LeaderGuard<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + 'static,
{
    fn drop(&mut self) {
        let waiters = {
            let mut queue = self.0.queue();
            queue.is_running = false;
            mem::take(&mut queue.waiters)
        };
        // Dropping a waiter wakes its task; not under the lock.
        drop(waiters);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::future::join_all;

    use super::*;

    type Loader = Arc<BatchLoader<u32, u32>>;

    /// Doubles even keys; odd keys have no value. Counts its queries.
    fn doubling() -> (Loader, Arc<AtomicUsize>) {
        let queries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&queries);
        let loader = BatchLoader::new(move |keys: Vec<u32>| {
            counted.fetch_add(1, Ordering::Relaxed);
            let even = keys.into_iter().filter(|key| key % 2 == 0);
            let values: HashMap<u32, u32> = even.map(|key| (key, 2 * key)).collect();
            async move { Ok(values) }
        });
        (loader, queries)
    }

    fn run<F: Future>(test: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        runtime.expect("a runtime").block_on(test)
    }

    #[test]
    fn concurrent_lookups_share_queries_of_at_most_64_keys() {
        run(async {
            let (loader, queries) = doubling();
            let loaded = join_all((0..100).map(|key| loader.load(key))).await;
            for (key, value) in (0..).zip(loaded) {
                let expected = (key % 2 == 0).then_some(2 * key);
                assert_eq!(value.expect("loaded"), expected);
            }
            assert_eq!(queries.load(Ordering::Relaxed), 2);
        });
    }

    #[test]
    fn a_later_lookup_is_queried_again() {
        run(async {
            let (loader, queries) = doubling();
            for _ in 0..2 {
                assert_eq!(loader.load(2).await.expect("loaded"), Some(4));
            }
            assert_eq!(queries.load(Ordering::Relaxed), 2);
        });
    }

    #[test]
    fn a_batch_that_times_out_or_panics_is_loaded_key_by_key() {
        for panics in [false, true] {
            run(async {
                let loader = BatchLoader::new(move |keys: Vec<u32>| async move {
                    if keys.len() > 1 {
                        assert!(!panics, "a fault of the query");
                        std::future::pending::<()>().await;
                    }
                    Ok(keys.into_iter().map(|key| (key, key)).collect())
                });
                let loaded = join_all((0..3).map(|key| loader.load(key))).await;
                let loaded: Vec<_> = loaded
                    .into_iter()
                    .map(|value| value.expect("loaded"))
                    .collect();
                assert_eq!(loaded, [Some(0), Some(1), Some(2)]);
            });
        }
    }
}
