//! What the tests of the program stand on.

mod acme;
mod contract;
mod encounter;
mod program;
mod served;
mod server;
mod wire;

pub(crate) use acme::{dedicated, found_acme};
pub(crate) use contract::Contract;
pub(crate) use encounter::Encounter;
pub(crate) use program::{Output, Program};
pub(crate) use served::Served;
pub(crate) use server::TestServer;
pub(crate) use wire::Wire;

/// Tests are many requests from one address. Those of a limit set it.
pub(crate) const UNLIMITED: [(&str, &str); 5] = [
    ("TENANTRY__LIMITS__LOGIN_PER_MINUTE", "0"),
    ("TENANTRY__LIMITS__SIGNUP_PER_MINUTE", "0"),
    ("TENANTRY__LIMITS__INVITATIONS_PER_HOUR", "0"),
    ("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER", "0"),
    ("TENANTRY__LIMITS__REQUESTS_PER_MINUTE_ORGANIZATION", "0"),
];

/// Long enough for a session secret.
pub(crate) const SECRET: &str =
    "a secret for tests alone, of sixty-four bytes and a little bit more than that";
