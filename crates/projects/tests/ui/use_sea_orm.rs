//! Opens its own connection.

use sea_orm::Database;

fn main() {}
