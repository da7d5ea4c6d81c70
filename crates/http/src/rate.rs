//! Rate limits (GCRA): a burst, and then a steady rate.

use std::{
    collections::HashMap,
    convert::Infallible,
    future::{Ready, ready},
    hash::{BuildHasher as _, Hash, RandomState},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard},
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

/// A rate limit, by name. Defined by the module that applies it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateLimit(pub &'static str);

/// Requests of one caller, or of one address for clients that are not signed in.
pub const CALLER_REQUESTS: RateLimit = RateLimit("requests of a caller");

/// Requests in one organization.
pub const ORGANIZATION_REQUESTS: RateLimit = RateLimit("requests in an organization");

/// The maximum number of tracked keys per limit. Keys beyond it are hashed into
/// [`OVERFLOW_BUCKETS`] shared buckets.
const MAX_TRACKED_KEYS: usize = 100_000;

/// The number of buckets for keys beyond [`MAX_TRACKED_KEYS`].
const OVERFLOW_BUCKETS: u64 = 1024;

type Limiter = Bucket<u64, HashMapStateStore<u64>, MonotonicClock, NoOpMiddleware<Instant>>;

/// The rate limits of this process and their state. Without a limit, everything passes.
///
/// Keys are stored as hashes, which reveal no address and no e-mail address.
pub struct RateLimits {
    limiters: HashMap<RateLimit, Limiter>,
    /// Keys over their limit, until the next request of each passes.
    exhausted: Mutex<HashMap<(RateLimit, u64), Instant>>,
    hasher: RandomState,
    max_tracked_keys: usize,
}

impl Default for RateLimits {
    fn default() -> Self {
        Self {
            limiters: HashMap::new(),
            exhausted: Mutex::default(),
            hasher: RandomState::new(),
            max_tracked_keys: MAX_TRACKED_KEYS,
        }
    }
}

impl RateLimits {
    /// No limits.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows `number` per `time`, also as a burst; 0 means no limit.
    #[must_use]
    pub fn with(self, limit: RateLimit, number: u32, time: Duration) -> Self {
        self.with_burst(limit, number, time, number)
    }

    /// Allows `number` per `time`, of which at most `burst` at a time; 0 means no limit. In any such
    /// time at most their sum passes.
    #[must_use]
    pub fn with_burst(mut self, limit: RateLimit, number: u32, time: Duration, burst: u32) -> Self {
        if let Some(number) = NonZeroU32::new(number)
            && let Some(burst) = NonZeroU32::new(burst.min(number.get()))
            && let Some(quota) = Quota::with_period(time / number.get())
        {
            let store = HashMapStateStore::default();
            let limiter = Bucket::new(quota.allow_burst(burst), store, MonotonicClock);
            self.limiters.insert(limit, limiter);
        }
        self
    }

    /// Counts one request.
    ///
    /// # Errors
    /// A 429, `rate_limited`, with the time until the next one passes.
    pub fn check(&self, limit: RateLimit, key: impl Hash) -> Result<(), Problem> {
        let Some(limiter) = self.limiters.get(&limit) else {
            return Ok(());
        };
        let key = self.bucket(limiter, key);
        let Err(refused) = limiter.check_key(&key) else {
            return Ok(());
        };
        let now = MonotonicClock.now();
        let wait = refused.wait_time_from(now);
        self.exhausted().insert((limit, key), now + wait);
        Err(limited(limit, wait))
    }

    /// Whether the next request of this key would be rejected, without counting one: for work that is
    /// done before it is known whether the request counts.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn peek(&self, limit: RateLimit, key: impl Hash) -> Result<(), Problem> {
        let Some(limiter) = self.limiters.get(&limit) else {
            return Ok(());
        };
        let mut exhausted = self.exhausted();
        // Almost always there is none.
        if exhausted.is_empty() {
            return Ok(());
        }
        let key = (limit, self.bucket(limiter, key));
        let now = MonotonicClock.now();
        match exhausted.get(&key) {
            Some(until) if *until > now => Err(limited(limit, *until - now)),
            Some(_) => {
                exhausted.remove(&key);
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn bucket(&self, limiter: &Limiter, key: impl Hash) -> u64 {
        let key = self.hasher.hash_one(key);
        if limiter.len() < self.max_tracked_keys {
            key
        } else {
            key % OVERFLOW_BUCKETS
        }
    }

    fn exhausted(&self) -> MutexGuard<'_, HashMap<(RateLimit, u64), Instant>> {
        self.exhausted.lock().expect("nothing panics under it")
    }

    /// Removes keys whose buckets are full again. Call it from time to time.
    pub fn evict_idle(&self) {
        for limiter in self.limiters.values() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        let now = MonotonicClock.now();
        self.exhausted().retain(|_, until| *until > now);
    }

    /// The number of tracked keys of all limits.
    #[must_use]
    pub fn tracked_keys(&self) -> usize {
        self.limiters.values().map(Bucket::len).sum()
    }
}

fn limited(limit: RateLimit, wait: Duration) -> Problem {
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        "rate_limited",
        format!("too many: {}; try again later", limit.0),
    )
    .retry_after(wait)
}

impl std::fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.limiters.keys()).finish()
    }
}

/// The rate limits, for handlers. Without `web::Data<RateLimits>` in the application there are none.
pub struct RateLimiter {
    limits: Option<Arc<RateLimits>>,
    address: ClientAddress,
}

impl RateLimiter {
    /// The rate limits for a request.
    pub(super) fn of(request: &HttpRequest) -> Self {
        let limits = request.app_data::<web::Data<RateLimits>>();
        Self {
            limits: limits.map(|limits| Arc::clone(limits)),
            address: request.extensions().get().copied().unwrap_or_default(),
        }
    }

    /// Counts one request of this address or its network.
    ///
    /// # Errors
    /// As [`RateLimits::check`].
    pub fn check_address(&self, limit: RateLimit) -> Result<(), Problem> {
        self.check_key(limit, ("address", self.address.network()))
    }

    /// Whether the next request of this address or its network would be rejected, without counting
    /// one.
    ///
    /// # Errors
    /// As [`RateLimits::peek`].
    pub(super) fn peek_address(&self, limit: RateLimit) -> Result<(), Problem> {
        match &self.limits {
            Some(limits) => limits.peek(limit, ("address", self.address.network())),
            None => Ok(()),
        }
    }

    /// Counts one request of a key.
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
    fn a_burst_passes_and_the_next_request_is_rejected() {
        let limits = RateLimits::new().with(TRIES, 3, HOUR);
        assert_eq!(
            [(); 4].map(|()| refused(&limits, 1)),
            [false, false, false, true]
        );
        assert!(!refused(&limits, 2), "another key has its own limit");
    }

    #[test]
    fn retry_after_is_the_time_until_the_next_request_passes() {
        let limits = RateLimits::new().with(TRIES, 2, HOUR);
        assert_eq!([(); 2].map(|()| refused(&limits, 1)), [false, false]);
        let problem = limits.check(TRIES, 1_u64).expect_err("the third");
        let response = problem.respond(None);
        assert_eq!(
            (response.status().as_u16(), problem.code()),
            (429, "rate_limited")
        );
        let seconds = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok());
        let seconds: u64 = seconds.and_then(|text| text.parse().ok()).expect("seconds");
        // With two in an hour, the next passes after half an hour.
        assert!((1700..=1800).contains(&seconds), "{seconds}");
    }

    #[test]
    fn a_peek_counts_nothing_and_sees_what_is_over_its_limit() {
        let limits = RateLimits::new().with(TRIES, 2, HOUR);
        assert!((0..10).all(|_| limits.peek(TRIES, 1_u64).is_ok()));
        assert_eq!([(); 3].map(|()| refused(&limits, 1)), [false, false, true]);
        let problem = limits.peek(TRIES, 1_u64).expect_err("over its limit");
        assert_eq!(problem.code(), "rate_limited");
        assert!(limits.peek(TRIES, 2_u64).is_ok(), "another key");
        let quick = RateLimits::new().with(TRIES, 1, Duration::from_millis(1));
        while !refused(&quick, 1) {}
        while quick.peek(TRIES, 1_u64).is_err() {}
    }

    #[test]
    fn zero_is_no_limit() {
        let limits = RateLimits::new().with(TRIES, 0, HOUR);
        assert!((0..1000).all(|_| !refused(&limits, 1)));
        assert!(!refused(&RateLimits::new(), 1));
    }

    #[test]
    fn invented_keys_take_bounded_memory() {
        let mut limits = RateLimits::new().with(TRIES, 1, HOUR);
        limits.max_tracked_keys = 5000;
        for key in 0..20_000 {
            drop(limits.check(TRIES, key));
        }
        assert!(
            limits.tracked_keys() <= 5000 + OVERFLOW_BUCKETS as usize,
            "{}",
            limits.tracked_keys()
        );
        assert!(refused(&limits, 77), "the shared buckets are limited, too");
    }

    #[test]
    fn idle_keys_are_evicted() {
        let limits = RateLimits::new().with(TRIES, 1, Duration::from_millis(1));
        assert!(!refused(&limits, 1));
        while limits.tracked_keys() > 0 {
            limits.evict_idle();
        }
    }
}
