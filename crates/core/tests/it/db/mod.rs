//! The data layer, tested through a library: tables that exist only in these tests.

mod declarations;
mod encryption;
mod errors;
mod filters;
mod inserts;
mod keys;
pub(crate) mod library;
mod pages;
mod pool;
mod reading;
mod reads;
mod related;
mod single_statement;
pub(crate) mod tables;
pub(crate) mod units;
mod waits;
mod worker_pools;
mod writes;
