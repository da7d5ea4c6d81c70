//! What these tests stand on.

mod answers;
mod routes;
mod stage;
mod tables;

pub(crate) use answers::{assert_problem, assert_same, items, lasting, text};
pub(crate) use routes::{api_routes, filled, is_write};
pub(crate) use stage::{PASSWORD, RANDOM_ID, Stage};
pub(crate) use tables::Tables;
