//! Limits of requests.

use std::time::Duration;

use tenantry_http::{ConcurrencyLimits, Timeouts};

use super::{
    catalog::{
        BODY_BYTES, CONNECTIONS_ADDRESS, CONNECTIONS_OPEN, HEADER_SECONDS, IDLE_SECONDS,
        INVITATIONS_PER_HOUR, LOGIN_PER_HOUR_ACCOUNT, LOGIN_PER_MINUTE, MAILS_PER_HOUR,
        REQUEST_SECONDS, REQUESTS_AT_ONCE, REQUESTS_AT_ONCE_ORGANIZATION,
        REQUESTS_PER_MINUTE_CALLER, REQUESTS_PER_MINUTE_ORGANIZATION, SIGNUP_PER_MINUTE, Setting,
    },
    reader::{SettingsReader, whole_number},
};

/// Limits of requests.
#[derive(Clone, Debug)]
pub struct LimitSettings {
    /// The largest body of a request, in bytes.
    pub body_bytes: usize,
    /// How long clients may take.
    pub timeouts: Timeouts,
    /// Maximum number of open connections.
    pub connections: usize,
    /// Maximum number of open connections of one address.
    pub connections_address: usize,
    /// Maximum number of concurrent requests.
    pub concurrency: ConcurrencyLimits,
    /// Rate limits.
    pub rates: Rates,
}

/// Rate limits; 0 is unlimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Login attempts from an address, and from a device on which the account was used, per minute.
    pub logins: u32,
    /// Login attempts for an account from other devices, per hour.
    pub account_logins: u32,
    /// Accounts created from an address, per minute.
    pub signups: u32,
    /// Invitations sent by an organization, per hour.
    pub invitations: u32,
    /// Mails of one kind to an address, per hour.
    pub mails: u32,
    /// Requests of a caller, per minute.
    pub caller: u32,
    /// Requests in an organization, per minute.
    pub organization: u32,
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<LimitSettings> {
    let body_bytes = reader.value(&BODY_BYTES, whole_number(1024, 16 * 1024 * 1024));
    let mut seconds = |setting: &Setting| {
        let seconds = reader.value(setting, whole_number(1, 3600));
        seconds.map(Duration::from_secs)
    };
    let head = seconds(&HEADER_SECONDS);
    let request = seconds(&REQUEST_SECONDS);
    let idle = seconds(&IDLE_SECONDS);

    let mut maximum = |setting| reader.value(setting, whole_number(1, 1_000_000));
    let connections = maximum(&CONNECTIONS_OPEN);
    let connections_address = maximum(&CONNECTIONS_ADDRESS);
    let requests = maximum(&REQUESTS_AT_ONCE);
    let organization = maximum(&REQUESTS_AT_ONCE_ORGANIZATION);

    let rates = rates(reader);
    Some(LimitSettings {
        body_bytes: body_bytes?,
        timeouts: Timeouts {
            head: head?,
            request: request?,
            idle: idle?,
        },
        connections: connections?,
        connections_address: connections_address?,
        concurrency: ConcurrencyLimits {
            requests: requests?,
            per_tenant: organization?,
        },
        rates: rates?,
    })
}

fn rates(reader: &mut SettingsReader<'_>) -> Option<Rates> {
    let mut rate = |setting| reader.value(setting, whole_number(0, 10_000_000));
    let logins = rate(&LOGIN_PER_MINUTE);
    let account_logins = rate(&LOGIN_PER_HOUR_ACCOUNT);
    let signups = rate(&SIGNUP_PER_MINUTE);
    let invitations = rate(&INVITATIONS_PER_HOUR);
    let mails = rate(&MAILS_PER_HOUR);
    let caller = rate(&REQUESTS_PER_MINUTE_CALLER);
    let organization = rate(&REQUESTS_PER_MINUTE_ORGANIZATION);
    Some(Rates {
        logins: logins?,
        account_logins: account_logins?,
        signups: signups?,
        invitations: invitations?,
        mails: mails?,
        caller: caller?,
        organization: organization?,
    })
}
