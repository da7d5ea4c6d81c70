//! Limits that hold for every request, of any caller.

use std::{sync::Arc, time::Duration};

use tenantry_http::{
    CALLER_REQUESTS, ConcurrencyLimiter, EdgeConfig, ORGANIZATION_REQUESTS, RateLimits,
    ResponseShares, ShutdownFlag,
};
use tenantry_organizations::{INVITATIONS, SIGNUPS};
use tenantry_users::{ACCOUNT_LOGINS, LOGINS, VerificationPolicy};

use crate::settings::{Rates, Settings};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The edge's configuration for one worker.
pub(super) fn config(
    settings: &Settings,
    responses: ResponseShares,
    draining: ShutdownFlag,
) -> EdgeConfig {
    let server = &settings.server;
    EdgeConfig {
        proxies: server.trusted_proxies.clone(),
        cors: server.cors_origins.clone(),
        https: server.public_url.as_ref().is_some_and(|url| url.is_https()),
        timeouts: settings.limits.timeouts,
        concurrency: ConcurrencyLimiter::new(
            settings.limits.concurrency.for_worker(server.workers),
        ),
        responses,
        verified_email: settings.auth.verification == VerificationPolicy::Required,
        shutdown: draining,
    }
}

/// Attempts to log in to one account from unknown devices that pass at a time.
const ACCOUNT_BURST: u32 = 10;

/// The rate limits.
pub(super) fn rate_limits(rates: &Rates) -> RateLimits {
    RateLimits::new()
        .with(LOGINS, rates.logins, MINUTE)
        .with_burst(ACCOUNT_LOGINS, rates.account_logins, HOUR, ACCOUNT_BURST)
        .with(SIGNUPS, rates.signups, MINUTE)
        .with(INVITATIONS, rates.invitations, HOUR)
        .with(CALLER_REQUESTS, rates.caller, MINUTE)
        .with(ORGANIZATION_REQUESTS, rates.organization, MINUTE)
}

/// Evicts idle rate limit keys, forever.
pub(super) async fn evict_rate_limits(limits: Arc<RateLimits>) {
    loop {
        tokio::time::sleep(MINUTE).await;
        limits.evict_idle();
    }
}
