//! The walls, each with the others taken away.

#[cfg(feature = "mutants")]
mod mutants;
mod row_security;
