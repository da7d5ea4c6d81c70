//! What these tests stand on.

mod answers;
mod routes;
mod stage;
mod tables;

pub(super) use answers::{assert_problem, assert_same, items, text};
pub(super) use routes::{api_routes, filled, is_write};
pub(super) use stage::{PASSWORD, RANDOM_ID, Stage};
pub(super) use tables::Tables;
