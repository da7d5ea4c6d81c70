//! The commands, run as programs.

mod config;
mod life;
mod migrate;
mod org;
mod seed;
mod usage;
mod user;
