//! Fixtures and assertions shared by the HTTP tests.

mod assertions;
mod routes;
mod setup;
mod tables;

pub(crate) use assertions::{assert_problem, assert_same, items, stable_parts, text};
pub(crate) use routes::{api_routes, collections, filled, is_write};
pub(crate) use setup::{PASSWORD, RANDOM_ID, Setup};
pub(crate) use tables::{Tables, settled};
