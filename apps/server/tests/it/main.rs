//! End-to-end tests of the server binary and its HTTP API.

mod architecture;
mod backup;
mod bleed;
mod callers;
mod cli;
mod database_address;
mod documentation;
mod env_example;
#[cfg(target_os = "linux")]
mod fairness;
mod health;
mod http;
mod kills;
mod lifecycle;
mod logs;
mod mail;
mod metrics;
mod model;
#[cfg(feature = "nats")]
mod nats;
mod openapi;
#[cfg(feature = "otel")]
mod otel;
mod pages;
mod permissions;
mod pools;
mod pressure;
mod reserved_slugs;
mod revocation;
mod secrets;
mod serve;
mod settings;
mod start;
#[cfg(target_os = "linux")]
mod stops;
mod support;
mod waits;
mod wiring;
#[cfg(not(feature = "web"))]
mod without_pages;
#[cfg(not(feature = "passkeys"))]
mod without_passkeys;
