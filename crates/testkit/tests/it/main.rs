//! The test kit, tried on itself.

mod client;
mod databases;
mod runtime;
