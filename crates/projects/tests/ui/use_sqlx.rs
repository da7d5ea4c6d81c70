//! Opens its own connection and runs any SQL on it.

use sqlx::Connection;

fn main() {}
