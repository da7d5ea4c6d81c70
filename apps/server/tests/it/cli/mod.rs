//! The commands, run as programs.

mod config;
mod doctor;
mod events;
mod life;
mod migrate;
mod org;
mod prune;
mod seed;
mod usage;
mod user;
