//! How much is too much.

use std::time::Duration;

use tenantry_http::{ConcurrencyLimits, Timeouts};

use super::{
    catalog::{
        BODY_BYTES, CONNECTIONS_OPEN, HEADER_SECONDS, IDLE_SECONDS, INVITATIONS_PER_HOUR,
        LOGIN_PER_MINUTE, REQUEST_SECONDS, REQUESTS_AT_ONCE, REQUESTS_AT_ONCE_ORGANIZATION,
        REQUESTS_PER_MINUTE_CALLER, REQUESTS_PER_MINUTE_ORGANIZATION, SIGNUP_PER_MINUTE, Setting,
    },
    reader::{Reader, whole_number},
};

/// Limits of requests.
#[derive(Clone, Debug)]
pub struct LimitSettings {
    /// The largest body of a request, in bytes.
    pub body_bytes: usize,
    /// How long clients may take.
    pub patience: Timeouts,
    /// How many connections may be open.
    pub connections: usize,
    /// How many requests may be under way.
    pub capacity: ConcurrencyLimits,
    /// How often something may be asked for.
    pub rates: Rates,
}

/// How often something may be asked for; 0 is without a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Attempts to log in, of an address and for an account, in a minute.
    pub logins: u32,
    /// Accounts made from an address, in a minute.
    pub signups: u32,
    /// Invitations that an organization sends, in an hour.
    pub invitations: u32,
    /// Requests of a caller, in a minute.
    pub caller: u32,
    /// Requests in an organization, in a minute.
    pub organization: u32,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<LimitSettings> {
    let body_bytes = reader.value(&BODY_BYTES, whole_number(1024, 16 * 1024 * 1024));
    let mut seconds = |setting: &Setting| {
        let seconds = reader.value(setting, whole_number(1, 3600));
        seconds.map(Duration::from_secs)
    };
    let head = seconds(&HEADER_SECONDS);
    let request = seconds(&REQUEST_SECONDS);
    let idle = seconds(&IDLE_SECONDS);

    let mut places = |setting| reader.value(setting, whole_number(1, 1_000_000));
    let connections = places(&CONNECTIONS_OPEN);
    let requests = places(&REQUESTS_AT_ONCE);
    let organization = places(&REQUESTS_AT_ONCE_ORGANIZATION);

    let rates = rates(reader);
    Some(LimitSettings {
        body_bytes: body_bytes?,
        patience: Timeouts {
            head: head?,
            request: request?,
            idle: idle?,
        },
        connections: connections?,
        capacity: ConcurrencyLimits {
            requests: requests?,
            organization: organization?,
        },
        rates: rates?,
    })
}

fn rates(reader: &mut Reader<'_>) -> Option<Rates> {
    let mut rate = |setting| reader.value(setting, whole_number(0, 10_000_000));
    let logins = rate(&LOGIN_PER_MINUTE);
    let signups = rate(&SIGNUP_PER_MINUTE);
    let invitations = rate(&INVITATIONS_PER_HOUR);
    let caller = rate(&REQUESTS_PER_MINUTE_CALLER);
    let organization = rate(&REQUESTS_PER_MINUTE_ORGANIZATION);
    Some(Rates {
        logins: logins?,
        signups: signups?,
        invitations: invitations?,
        caller: caller?,
        organization: organization?,
    })
}
