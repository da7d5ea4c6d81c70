//! The commands, run as programs.

mod config;
mod migrate;
mod org;
mod seed;
mod user;
mod usage;
