//! Limits of how often: so many at once, and then so many in a time (GCRA).

use std::{
    collections::HashMap,
    convert::Infallible,
    future::{Ready, ready},
    hash::{BuildHasher as _, Hash, RandomState},
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::StatusCode, web};
use governor::{
    Quota, RateLimiter as Bucket,
    clock::{Clock as _, MonotonicClock},
    middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};

use super::{
    ClientAddress, Problem,
    openapi::{DescribeInput, Operation},
};

/// What is limited, by name. The module that owns it defines it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateLimit(pub &'static str);

/// Requests of one caller; of one address, where nobody is signed in.
pub const CALLER_REQUESTS: RateLimit = RateLimit("requests of a caller");

/// Requests in one organization.
pub const ORGANIZATION_REQUESTS: RateLimit = RateLimit("requests in an organization");

/// So many of each key before some are forgotten that still count. Whoever can make up more keys
/// than that shares the buckets of [`SHARED`] with everybody.
const KEYS: usize = 100_000;

/// How many buckets there are for keys beyond [`KEYS`].
const SHARED: u64 = 1024;

type Limiter = Bucket<u64, HashMapStateStore<u64>, MonotonicClock, NoOpMiddleware<Instant>>;

/// All limits, each with what was used of it, in this process. What has no limit is let by.
///
/// Of a key it keeps a hash: no address and no e-mail address can be read from it.
pub struct RateLimits {
    limiters: HashMap<RateLimit, Limiter>,
    hasher: RandomState,
    keys: usize,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            limiters: HashMap::new(),
            hasher: RandomState::new(),
            keys: KEYS,
        }
    }
}

impl RateLimits {
    /// No limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets by so many in a time; 0 is no limit. After a pause as long, as many may come at once.
    #[must_use]
    pub fn with(mut self, limit: RateLimit, number: u32, time: Duration) -> Self {
        if let Some(number) = NonZeroU32::new(number)
            && let Some(quota) = Quota::with_period(time / number.get())
        {
            let store = HashMapStateStore::default();
            let limiter = Bucket::new(quota.allow_burst(number), store, MonotonicClock);
            self.limiters.insert(limit, limiter);
        }
        self
    }

    /// Counts one more.
    ///
    /// # Errors
    /// A 429, `rate_limited`, which says when the next one will be let by.
    pub fn check(&self, limit: RateLimit, key: impl Hash) -> Result<(), Problem> {
        let Some(limiter) = self.limiters.get(&limit) else {
            return Ok(());
        };
        let key = self.hasher.hash_one(key);
        let key = if limiter.len() < self.keys {
            key
        } else {
            key % SHARED
        };
        let Err(refused) = limiter.check_key(&key) else {
            return Ok(());
        };
        let wait = refused.wait_time_from(MonotonicClock.now());
        Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "rate_limited",
            format!("too many: {}; try again later", limit.0),
        )
        .retry_after(wait))
    }

    /// Forgets what would not be refused anyway; to be called now and then.
    pub fn evict_idle(&self) {
        for limiter in self.limiters.values() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }

    /// How many keys are remembered, of all limits.
    #[must_use]
    pub fn tracked_keys(&self) -> usize {
        self.limiters.values().map(Bucket::len).sum()
    }
}

impl std::fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.limiters.keys()).finish()
    }
}

/// The limits, for a handler that asks them. Without `web::Data<RateLimits>` in the application
/// there are none.
pub struct RateLimiter {
    limits: Option<Arc<RateLimits>>,
    address: ClientAddress,
}

impl RateLimiter {
    /// The limits as a request meets them.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let limits = request.app_data::<web::Data<RateLimits>>();
        Self {
            limits: limits.map(|limits| Arc::clone(limits)),
            address: request.extensions().get().copied().unwrap_or_default(),
        }
    }

    /// Counts one more of this address, or of its network.
    ///
    /// # Errors
    /// As [`RateLimits::check`].
    pub fn check_address(&self, limit: RateLimit) -> Result<(), Problem> {
        self.check_key(limit, ("address", self.address.network()))
    }

    /// Counts one more of a key.
    ///
    /// # Errors
    /// As [`RateLimits::check`].
    pub fn check_key(&self, limit: RateLimit, key: impl Hash) -> Result<(), Problem> {
        match &self.limits {
            Some(limits) => limits.check(limit, key),
            None => Ok(()),
        }
    }
}

impl FromRequest for RateLimiter {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}

impl DescribeInput for RateLimiter {
    fn describe(operation: &mut Operation<'_>) {
        operation.error(StatusCode::TOO_MANY_REQUESTS, "rate_limited");
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::RETRY_AFTER;

    use super::*;

    const TRIES: RateLimit = RateLimit("tries");
    const HOUR: Duration = Duration::from_secs(3600);

    fn refused(limits: &RateLimits, key: u64) -> bool {
        limits.check(TRIES, key).is_err()
    }

    #[test]
    fn so_many_are_let_by_and_then_one_after_the_other() {
        let limits = RateLimits::new().with(TRIES, 3, HOUR);
        assert_eq!(
            [(); 4].map(|()| refused(&limits, 1)),
            [false, false, false, true]
        );
        assert!(!refused(&limits, 2), "another one has his own");
    }

    #[test]
    fn the_next_try_is_told_honestly() {
        let limits = RateLimits::new().with(TRIES, 2, HOUR);
        assert_eq!([(); 2].map(|()| refused(&limits, 1)), [false, false]);
        let problem = limits.check(TRIES, 1_u64).expect_err("the third");
        let answer = problem.respond(None);
        assert_eq!(
            (answer.status().as_u16(), problem.code()),
            (429, "rate_limited")
        );
        let seconds = answer
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let seconds: u64 = seconds.and_then(|text| text.parse().ok()).expect("seconds");
        // One of two in an hour comes free after half an hour.
        assert!((1700..=1800).contains(&seconds), "{seconds}");
    }

    #[test]
    fn zero_is_no_limit() {
        let limits = RateLimits::new().with(TRIES, 0, HOUR);
        assert!((0..1000).all(|_| !refused(&limits, 1)));
        assert!(!refused(&RateLimits::new(), 1));
    }

    #[test]
    fn made_up_keys_take_no_more_memory_than_there_is_for_them() {
        let mut limits = RateLimits::new().with(TRIES, 1, HOUR);
        limits.keys = 5000;
        for key in 0..20_000 {
            drop(limits.check(TRIES, key));
        }
        assert!(
            limits.tracked_keys() <= 5000 + SHARED as usize,
            "{}",
            limits.tracked_keys()
        );
        assert!(refused(&limits, 77), "what is shared is limited, too");
    }

    #[test]
    fn what_counts_no_more_is_forgotten() {
        let limits = RateLimits::new().with(TRIES, 1, Duration::from_millis(1));
        assert!(!refused(&limits, 1));
        while limits.tracked_keys() > 0 {
            limits.evict_idle();
        }
    }
}
