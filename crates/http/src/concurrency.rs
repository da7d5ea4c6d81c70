//! Limits of concurrent requests. A request above the limit is rejected early: in a queue that only
//! grows, clients time out before their request runs.

use std::{
    cell::Cell,
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use actix_web::http::StatusCode;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::yield_now,
    time::timeout,
};

use super::Problem;
use tenantry_core::id::OrganizationId;

/// How many requests may be under way, those that wait for a connection to the database among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrencyLimits {
    /// In total.
    pub requests: usize,
    /// Of one organization, so that it can't take the permits of all others.
    pub per_tenant: usize,
}

impl Default for ConcurrencyLimits {
    fn default() -> Self {
        Self {
            requests: 256,
            per_tenant: 128,
        }
    }
}

impl ConcurrencyLimits {
    /// The share of one worker, rounded up. Permits are per worker: a permit freed by another worker
    /// could only be used after this worker's next wake-up.
    ///
    /// # Panics
    /// Without workers.
    #[must_use]
    pub const fn for_worker(self, workers: usize) -> Self {
        Self {
            requests: self.requests.div_ceil(workers),
            per_tenant: self.per_tenant.div_ceil(workers),
        }
    }
}

/// How long a request waits for a permit before it is rejected; long enough to absorb a short burst.
/// Under overload, clients retry immediately, and rejecting them faster would cost running requests as
/// much as serving them.
const QUEUE_TIMEOUT: Duration = Duration::from_millis(35);

/// At most this many rejections are in progress at once, each after one yield, so that rejecting
/// cannot starve running requests.
const CONCURRENT_REJECTIONS: usize = 3;

/// For each permit, this many requests may be receiving their bodies: bodies take memory.
const BODY_FACTOR: usize = 4;

/// Limits the concurrent requests of one worker. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimiter {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limits: ConcurrencyLimits,
    requests: Arc<Semaphore>,
    /// Permits of requests that are receiving their bodies.
    receiving: Arc<Semaphore>,
    /// Permits of requests that are being rejected.
    rejections: Semaphore,
    /// The permits of each tenant that has any.
    organizations: Mutex<HashMap<(OrganizationId, Phase), usize>>,
}

/// What the permits of a tenant are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Running,
    ReceivingBody,
}

impl Default for ConcurrencyLimiter {
    fn default() -> Self {
        Self::new(ConcurrencyLimits::default())
    }
}

impl ConcurrencyLimiter {
    /// For one worker.
    ///
    /// # Panics
    /// Beyond a quarter of [`Semaphore::MAX_PERMITS`] requests.
    #[must_use]
    pub fn new(limits: ConcurrencyLimits) -> Self {
        let shared = Arc::new(Shared {
            limits,
            requests: Arc::new(Semaphore::new(limits.requests)),
            receiving: Arc::new(Semaphore::new(BODY_FACTOR * limits.requests)),
            rejections: Semaphore::new(CONCURRENT_REJECTIONS),
            organizations: Mutex::default(),
        });
        Self { shared }
    }

    /// Acquires a permit if one is free.
    pub(super) fn try_acquire(&self) -> Option<Arc<RequestPermit>> {
        self.shared
            .try_permit()
            .map(|permit| self.request_permit(permit))
    }

    /// Waits for a permit, in order of arrival.
    ///
    /// # Errors
    /// A 503, `overloaded`, after [`QUEUE_TIMEOUT`], and later when many requests are being rejected.
    pub(super) async fn acquire(&self) -> Result<Arc<RequestPermit>, Problem> {
        let permit = self.shared.acquire_or_shed().await?;
        Ok(self.request_permit(permit))
    }

    fn request_permit(&self, permit: OwnedSemaphorePermit) -> Arc<RequestPermit> {
        let (shared, permit) = (Arc::clone(&self.shared), Mutex::new(permit));
        Arc::new(RequestPermit { shared, permit })
    }

    /// Acquires one of a tenant's permits.
    ///
    /// # Errors
    /// A 429, `rate_limited`: other tenants may have permits.
    pub(super) fn acquire_tenant(
        &self,
        organization: OrganizationId,
    ) -> Result<TenantPermit, Problem> {
        let permit = TenantPermit {
            shared: Arc::clone(&self.shared),
            organization,
            phase: Cell::new(None),
        };
        permit.enter(Phase::Running)?;
        Ok(permit)
    }
}

impl Shared {
    async fn acquire_or_shed(&self) -> Result<OwnedSemaphorePermit, Problem> {
        // Almost always one is free, and no timer is needed.
        if let Some(permit) = self.try_permit() {
            return Ok(permit);
        }
        let requests = Arc::clone(&self.requests);
        if let Ok(permit) = timeout(QUEUE_TIMEOUT, requests.acquire_owned()).await {
            return Ok(permit.expect("never closed"));
        }
        let _turn = self.rejections.acquire().await;
        yield_now().await;
        // The turn may have taken long; a permit that no request waits for may be free now.
        self.try_permit().ok_or_else(overloaded)
    }

    fn try_permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.requests).try_acquire_owned().ok()
    }

    fn organizations(&self) -> MutexGuard<'_, HashMap<(OrganizationId, Phase), usize>> {
        self.organizations.lock().expect("nothing panics under it")
    }
}

fn overloaded() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "overloaded",
        "more requests than can be answered; try again",
    )
}

/// The permit of a request, which is running or receiving its body.
pub(super) struct RequestPermit {
    shared: Arc<Shared>,
    permit: Mutex<OwnedSemaphorePermit>,
}

impl RequestPermit {
    /// Frees the permit while the body arrives, so that a slow client takes none.
    ///
    /// # Errors
    /// A 503, `overloaded`, when too many bodies are being received.
    pub(super) fn release_while_receiving(&self) -> Result<(), Problem> {
        let receiving = Arc::clone(&self.shared.receiving).try_acquire_owned();
        self.replace(receiving.map_err(|_| overloaded())?);
        Ok(())
    }

    /// Acquires a permit again.
    ///
    /// # Errors
    /// As [`ConcurrencyLimiter::acquire`].
    pub(super) async fn reacquire(&self) -> Result<(), Problem> {
        self.replace(self.shared.acquire_or_shed().await?);
        Ok(())
    }

    fn replace(&self, permit: OwnedSemaphorePermit) {
        *self.permit.lock().expect("nothing panics under it") = permit;
    }
}

/// The permit of a request of a tenant, which is running or receiving its body.
pub(super) struct TenantPermit {
    shared: Arc<Shared>,
    organization: OrganizationId,
    phase: Cell<Option<Phase>>,
}

impl TenantPermit {
    /// As [`RequestPermit::release_while_receiving`].
    ///
    /// # Errors
    /// As [`ConcurrencyLimiter::acquire_tenant`], when too many bodies of the tenant are being received.
    pub(super) fn release_while_receiving(&self) -> Result<(), Problem> {
        self.enter(Phase::ReceivingBody)
    }

    /// Acquires the permit again, if one is free.
    ///
    /// # Errors
    /// As [`ConcurrencyLimiter::acquire_tenant`].
    pub(super) fn reacquire(&self) -> Result<(), Problem> {
        self.enter(Phase::Running)
    }

    fn enter(&self, to: Phase) -> Result<(), Problem> {
        let per_tenant = self.shared.limits.per_tenant;
        let max = match to {
            Phase::Running => per_tenant,
            Phase::ReceivingBody => BODY_FACTOR * per_tenant,
        };
        let mut organizations = self.shared.organizations();
        let taken = organizations.entry((self.organization, to)).or_default();
        if *taken >= max {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "too many requests of this organization at once; try again",
            ));
        }
        *taken += 1;
        self.release(self.phase.replace(Some(to)), organizations);
        Ok(())
    }

    fn release(
        &self,
        phase: Option<Phase>,
        mut organizations: MutexGuard<'_, HashMap<(OrganizationId, Phase), usize>>,
    ) {
        if let Some(phase) = phase
            && let Entry::Occupied(mut taken) = organizations.entry((self.organization, phase))
        {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

impl Drop for TenantPermit {
    fn drop(&mut self) {
        self.release(self.phase.take(), self.shared.organizations());
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;
    use tokio::task::JoinSet;

    use super::*;
    use tenantry_core::id::Uuid;

    fn limiter() -> ConcurrencyLimiter {
        ConcurrencyLimiter::new(ConcurrencyLimits {
            requests: 3,
            per_tenant: 2,
        })
    }

    fn enter(limiter: &ConcurrencyLimiter) -> Arc<RequestPermit> {
        limiter.try_acquire().expect("a free permit")
    }

    fn organization(number: u128) -> OrganizationId {
        Uuid::from_u128(number).to_string().parse().expect("an id")
    }

    #[tokio::test]
    async fn requests_beyond_the_limit_are_rejected_until_a_permit_is_free() {
        let limiter = limiter();
        let mut permits: Vec<_> = (0..3).map(|_| enter(&limiter)).collect();
        for _ in 0..2 {
            let refused = limiter.acquire().await.err().expect("no free permit");
            assert_eq!(refused.code(), "overloaded");
        }
        permits.pop();
        permits.push(limiter.acquire().await.expect("a free permit"));
        assert!(limiter.try_acquire().is_none());
    }

    #[tokio::test]
    async fn waiting_requests_get_permits_in_order_of_arrival() {
        let limiter = limiter();
        let mut permits: Vec<_> = (0..3).map(|_| enter(&limiter)).collect();
        let (mut first, mut second) = (pin!(limiter.acquire()), pin!(limiter.acquire()));
        assert!(first.as_mut().now_or_never().is_none(), "the first waits");
        assert!(second.as_mut().now_or_never().is_none(), "the second waits");
        permits.pop();
        assert!(limiter.try_acquire().is_none(), "the permit is the first's");
        assert!(
            second.now_or_never().is_none(),
            "the second is still waiting"
        );
        drop(first.await.expect("the first's permit"));
    }

    #[tokio::test]
    async fn hundreds_of_rejections_do_not_starve_running_requests() {
        let limiter = ConcurrencyLimiter::new(ConcurrencyLimits {
            requests: 0,
            per_tenant: 0,
        });
        let mut rejections = JoinSet::new();
        for _ in 0..50 * CONCURRENT_REJECTIONS {
            let limiter = limiter.clone();
            rejections.spawn(async move { limiter.acquire().await.err().expect("no free permit") });
        }
        while !rejections.is_empty() {
            yield_now().await;
            let mut in_one_turn = 0;
            while rejections.try_join_next().is_some() {
                in_one_turn += 1;
            }
            assert!(in_one_turn <= 2 * CONCURRENT_REJECTIONS, "{in_one_turn}");
        }
    }

    #[tokio::test]
    async fn a_request_about_to_be_rejected_takes_a_permit_that_has_become_free() {
        let limiter = limiter();
        let permits: Vec<_> = (0..3).map(|_| enter(&limiter)).collect();
        let turns = limiter
            .shared
            .rejections
            .try_acquire_many(CONCURRENT_REJECTIONS as u32);
        let mut late = pin!(limiter.acquire());
        let waited = timeout(2 * QUEUE_TIMEOUT, late.as_mut()).await;
        assert!(waited.is_err(), "every rejection is in progress");
        drop(permits);
        drop(turns);
        drop(late.await.expect("a free permit"));
    }

    #[tokio::test]
    async fn a_request_that_receives_its_body_takes_no_permit() {
        let limiter = limiter();
        let _others = [enter(&limiter), enter(&limiter)];
        let permit = enter(&limiter);
        permit
            .release_while_receiving()
            .expect("few bodies are being received");
        let third = enter(&limiter);
        assert!(permit.reacquire().await.is_err(), "its permit is taken");
        let mut waiting = pin!(permit.reacquire());
        assert!(waiting.as_mut().now_or_never().is_none(), "it waits");
        drop(third);
        waiting.await.expect("the permit is free again");
        assert!(limiter.try_acquire().is_none(), "the permit is taken again");
    }

    #[test]
    fn each_worker_has_its_share_of_both_limits() {
        let all = ConcurrencyLimits {
            requests: 5,
            per_tenant: 3,
        };
        let part = ConcurrencyLimits {
            requests: 2,
            per_tenant: 1,
        };
        assert_eq!(all.for_worker(1), all);
        assert_eq!(all.for_worker(3), part);
        let one = ConcurrencyLimits {
            requests: 1,
            per_tenant: 1,
        };
        assert_eq!(all.for_worker(8), one, "every worker has one");
    }

    #[test]
    fn the_number_of_bodies_being_received_is_limited() {
        let limiter = limiter();
        let away: Vec<_> = (0..BODY_FACTOR * 3)
            .map(|_| {
                let permit = enter(&limiter);
                permit
                    .release_while_receiving()
                    .expect("few bodies are being received");
                permit
            })
            .collect();
        let late = enter(&limiter);
        assert_eq!(
            late.release_while_receiving().expect_err("too many").code(),
            "overloaded"
        );
        drop(away);
        late.release_while_receiving()
            .expect("dropped permits are free");
    }

    #[test]
    fn one_tenant_does_not_take_the_permits_of_another() {
        let limiter = limiter();
        let (noisy, quiet) = (organization(1), organization(2));
        let held = [(); 2].map(|()| limiter.acquire_tenant(noisy).expect("a free permit"));
        let refused = limiter.acquire_tenant(noisy).err().expect("no free permit");
        assert_eq!(refused.code(), "rate_limited");
        drop(limiter.acquire_tenant(quiet).expect("a free permit"));
        drop(held);
        drop(limiter.acquire_tenant(noisy).expect("a free permit"));
        assert!(limiter.shared.organizations().is_empty(), "nothing is kept");
    }

    #[test]
    fn a_request_that_receives_its_body_takes_no_permit_of_its_tenant() {
        let limiter = limiter();
        let acme = organization(1);
        let away = limiter.acquire_tenant(acme).expect("a free permit");
        let other = limiter.acquire_tenant(acme).expect("a free permit");
        away.release_while_receiving()
            .expect("few bodies are being received");
        let third = limiter.acquire_tenant(acme).expect("its permit");
        let refused = away.reacquire().expect_err("it is taken");
        assert_eq!(refused.code(), "rate_limited");
        drop(third);
        away.reacquire().expect("the permit is free again");
        assert!(
            limiter.acquire_tenant(acme).is_err(),
            "the permit is taken again"
        );
        drop((away, other));
        assert!(limiter.shared.organizations().is_empty(), "nothing is kept");
    }

    #[test]
    fn one_tenant_does_not_take_all_permits_for_bodies() {
        let limiter = limiter();
        let away = [(); BODY_FACTOR * 2].map(|()| {
            let permit = limiter
                .acquire_tenant(organization(1))
                .expect("a free permit");
            permit
                .release_while_receiving()
                .expect("few bodies are being received");
            permit
        });
        let late = limiter
            .acquire_tenant(organization(1))
            .expect("a free permit");
        assert_eq!(
            late.release_while_receiving().expect_err("too many").code(),
            "rate_limited"
        );
        let other = limiter
            .acquire_tenant(organization(2))
            .expect("a free permit");
        other.release_while_receiving().expect("it has none");
        drop(away);
        late.release_while_receiving()
            .expect("dropped permits are free");
    }
}
