//! The program, from the outside.

mod architecture;
mod bleed;
mod callers;
mod cli;
mod env_example;
mod health;
mod http;
mod kills;
mod model;
mod openapi;
mod permissions;
mod pools;
mod revocation;
mod secrets;
mod serve;
mod settings;
mod support;
mod wiring;
