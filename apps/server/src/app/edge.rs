//! What nobody may do to the server, whoever he is and however he asks.

use std::{sync::Arc, time::Duration};

use tenantry_http::{
    CALLER_REQUESTS, ConcurrencyLimiter, EdgeConfig, ORGANIZATION_REQUESTS, RateLimits,
    ShutdownFlag,
};
use tenantry_organizations::{INVITATIONS, SIGNUPS};
use tenantry_users::LOGINS;

use crate::settings::{Rates, Settings};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// What holds for every request of one worker.
pub(super) fn rules(settings: &Settings, draining: ShutdownFlag) -> EdgeConfig {
    let server = &settings.server;
    EdgeConfig {
        proxies: server.trusted_proxies.clone(),
        cors: server.cors_origins.clone(),
        https: server.public_url.as_ref().is_some_and(|url| url.is_https()),
        patience: settings.limits.patience,
        load: ConcurrencyLimiter::new(settings.limits.capacity.for_worker(server.workers)),
        draining,
    }
}

/// How often what may be done.
pub(super) fn rates(rates: &Rates) -> RateLimits {
    RateLimits::new()
        .with(LOGINS, rates.logins, MINUTE)
        .with(SIGNUPS, rates.signups, MINUTE)
        .with(INVITATIONS, rates.invitations, HOUR)
        .with(CALLER_REQUESTS, rates.caller, MINUTE)
        .with(ORGANIZATION_REQUESTS, rates.organization, MINUTE)
}

/// Forgets those who did nothing for a while, for ever.
pub(super) async fn forget(limits: Arc<RateLimits>) {
    loop {
        tokio::time::sleep(MINUTE).await;
        limits.forget();
    }
}
