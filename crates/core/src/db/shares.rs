//! Shares of a pool: one organization, or one user outside of organizations, takes part in it with a
//! few requests at a time. More wait in a queue of their own, so that other holders wait for one
//! statement of it and not for all.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::id::Uuid;

/// The shares of a pool.
#[derive(Debug)]
pub(super) struct Shares {
    /// How many connections each holder may have.
    max: usize,
    /// The holders that have or want connections.
    holders: Mutex<HashMap<Uuid, Arc<Semaphore>>>,
}

/// One connection of a holder's share.
#[derive(Debug)]
pub(crate) struct Share {
    shares: Arc<Shares>,
    holder: Uuid,
    permit: Option<OwnedSemaphorePermit>,
}

impl Shares {
    /// Shares of this many connections.
    pub(super) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self {
            max,
            holders: Mutex::default(),
        })
    }

    pub(super) const fn max(&self) -> usize {
        self.max
    }

    /// Waits for a connection of the holder's share; `None` on timeout.
    pub(super) async fn acquire(self: &Arc<Self>, holder: Uuid, max: Duration) -> Option<Share> {
        // Dropped after the holder's semaphore, also when the wait is cancelled.
        let mut share = Share {
            shares: Arc::clone(self),
            holder,
            permit: None,
        };
        let semaphore = {
            let mut holders = self.holders.lock().expect("nothing panics under it");
            let new = || Arc::new(Semaphore::new(self.max));
            Arc::clone(holders.entry(holder).or_insert_with(new))
        };
        let permit = match Arc::clone(&semaphore).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let waited = timeout(max, semaphore.acquire_owned()).await;
                waited.ok()?.expect("never closed")
            }
        };
        share.permit = Some(permit);
        Some(share)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        drop(self.permit.take());
        let mut holders = self.shares.holders.lock().expect("nothing panics under it");
        if let Entry::Occupied(holder) = holders.entry(self.holder)
            && Arc::strong_count(holder.get()) == 1
        {
            holder.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;

    use super::*;

    const ACME: Uuid = Uuid::from_u128(1);
    const GLOBEX: Uuid = Uuid::from_u128(2);
    const LONG: Duration = Duration::from_secs(3600);

    async fn share(shares: &Arc<Shares>, holder: Uuid) -> Share {
        shares.acquire(holder, LONG).await.expect("a free one")
    }

    #[tokio::test]
    async fn a_holder_has_its_share_and_others_have_theirs() {
        let shares = Shares::new(3);
        let mut held = Vec::new();
        while let Some(Some(share)) = shares.acquire(ACME, LONG).now_or_never() {
            held.push(share);
        }
        assert_eq!(held.len(), 3);
        drop(share(&shares, GLOBEX).await);
    }

    #[tokio::test]
    async fn the_next_of_a_holder_waits_for_one_that_is_returned() {
        let shares = Shares::new(1);
        let first = share(&shares, ACME).await;
        let mut second = pin!(share(&shares, ACME));
        assert!(second.as_mut().now_or_never().is_none(), "it waits");
        drop(first);
        drop(second.await);
        let _held = share(&shares, ACME).await;
        assert!(shares.acquire(ACME, Duration::ZERO).await.is_none());
    }

    #[tokio::test]
    async fn nothing_is_kept_of_holders_without_connections() {
        let shares = Shares::new(1);
        let held = share(&shares, ACME).await;
        {
            let mut waiting = pin!(share(&shares, ACME));
            assert!(waiting.as_mut().now_or_never().is_none(), "it waits");
        }
        assert!(shares.acquire(ACME, Duration::ZERO).await.is_none());
        drop(held);
        assert!(shares.holders.lock().expect("not poisoned").is_empty());
    }
}
