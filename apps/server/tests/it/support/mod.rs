//! What the tests of the program stand on.

mod acme;
mod contract;
mod encounter;
mod program;
mod served;
mod server;

pub(crate) use acme::{dedicated, found_acme};
pub(crate) use contract::Contract;
pub(crate) use encounter::Encounter;
pub(crate) use program::{Output, Program};
pub(crate) use served::Served;
pub(crate) use server::TestServer;

/// Long enough for a session secret.
pub(crate) const SECRET: &str =
    "a secret for tests alone, of sixty-four bytes and a little bit more than that";
