//! Would open a connection of its own.

use sea_orm::Database;

fn main() {}
