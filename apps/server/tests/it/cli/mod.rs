//! The commands, run as programs.

mod config;
mod doctor;
mod events;
mod jobs;
mod lifecycle;
mod migrate;
mod org;
mod prune;
mod seed;
mod usage;
mod user;

pub(crate) use jobs::insert_dead_job;
