//! The delivery guarantees, under failures and crashes.

mod dead;
mod exactly_once;
mod neighbours;
mod never_lost;
pub(crate) mod order;
mod relay;
mod retention;
