//! The commands, run as programs.

mod config;
mod migrate;
mod org;
mod seed;
mod usage;
mod user;
