//! The tables of this module and their queries.

pub(crate) mod sessions;
pub(crate) mod users;
