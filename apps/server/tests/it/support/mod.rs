//! Fixtures shared by the server's tests.

mod acme;
mod contract;
mod files;
mod program;
mod raw_connection;
mod rendezvous;
mod server;
mod server_process;

pub(crate) use acme::{create_acme, dedicated};
pub(crate) use contract::{Contract, DOCUMENT};
pub(crate) use files::{script, sqlite_file};
pub(crate) use program::{Output, Program};
pub(crate) use raw_connection::RawConnection;
pub(crate) use rendezvous::Rendezvous;
pub(crate) use server::TestServer;
pub(crate) use server_process::ServerProcess;

/// No rate limits: tests send many requests from one address. A test of a limit sets it.
pub(crate) const UNLIMITED: [(&str, &str); 7] = [
    ("TENANTRY__LIMITS__LOGIN_PER_MINUTE", "0"),
    ("TENANTRY__LIMITS__LOGIN_PER_HOUR_ACCOUNT", "0"),
    ("TENANTRY__LIMITS__SIGNUP_PER_MINUTE", "0"),
    ("TENANTRY__LIMITS__INVITATIONS_PER_HOUR", "0"),
    ("TENANTRY__LIMITS__MAILS_PER_HOUR", "0"),
    ("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER", "0"),
    ("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_ORGANIZATION", "0"),
];

/// A session secret of sufficient length.
pub(crate) const SECRET: &str =
    "a secret for tests only, of sixty-four bytes and a little bit more than that";
