//! The settings of our sessions on Postgres, sent when a connection is opened.

use std::time::Duration;

use super::WaitLimits;

/// SeaORM binds `LIMIT`, and then Postgres never picks a generic plan by itself. Every query has an
/// index, and its pages are about as cheap to read as any others: the default of 4 is meant for
/// rotating disks, and with it Postgres scans the whole session table to find a few callers.
const PLANNER: [(&str, &str); 2] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("random_page_cost", "1.1"),
];

/// How Postgres notices that a client is gone. While it runs a statement or waits for a lock, it
/// looks every second; otherwise the network does. Then it rolls back, and its locks are free.
const LOST_CLIENTS: [(&str, &str); 5] = [
    ("client_connection_check_interval", "1s"),
    ("tcp_keepalives_idle", "5s"),
    ("tcp_keepalives_interval", "2s"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "10s"),
];

/// The settings of a session in which no wait lasts longer than these limits.
pub(super) fn session_settings(waits: WaitLimits) -> Vec<(&'static str, String)> {
    let milliseconds = |limit: Duration| format!("{}ms", limit.as_millis().max(1));
    let waits = [
        ("lock_timeout", milliseconds(waits.lock)),
        ("statement_timeout", milliseconds(waits.statement)),
        (
            "idle_in_transaction_session_timeout",
            milliseconds(waits.idle_transaction),
        ),
    ];
    let fixed = PLANNER.into_iter().chain(LOST_CLIENTS);
    let fixed = fixed.map(|(name, value)| (name, value.to_owned()));
    fixed.chain(waits).collect()
}
