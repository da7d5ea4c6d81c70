//! The data layer, tried through a library: tables that only these tests know.

mod declarations;
mod encryption;
mod errors;
mod filters;
mod inserts;
mod keys;
mod lending;
pub(crate) mod library;
mod once;
mod pages;
mod reading;
mod reads;
mod related;
pub(crate) mod tables;
pub(crate) mod units;
mod worker_pools;
mod writes;
