//! The only way to the database.

mod error;

pub use error::DbError;
