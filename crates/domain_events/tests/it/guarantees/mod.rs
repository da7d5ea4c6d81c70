//! What is guaranteed about every event and every listener, whatever fails or dies.

mod dead;
mod exactly_once;
mod never_lost;
mod neighbours;
pub(crate) mod order;
