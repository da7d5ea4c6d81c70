//! Would open a connection of its own, and run any SQL on it.

use sqlx::Connection;

fn main() {}
