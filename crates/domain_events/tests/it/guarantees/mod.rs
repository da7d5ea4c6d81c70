//! What is guaranteed about every event and every listener, whatever fails or dies.

mod dead;
mod exactly_once;
mod neighbours;
mod never_lost;
pub(crate) mod order;
mod relay;
mod retention;
