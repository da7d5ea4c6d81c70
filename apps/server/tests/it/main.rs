//! The program, from the outside.

mod architecture;
mod bleed;
mod callers;
mod cli;
mod env_example;
mod health;
mod http;
mod model;
mod permissions;
mod serve;
mod settings;
mod support;
mod wiring;
