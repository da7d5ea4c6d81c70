//! The commands, run as programs.

mod config;
mod events;
mod life;
mod migrate;
mod org;
mod seed;
mod usage;
mod user;
