//! Tests of the test kit.

mod client;
mod databases;
mod runtime;
