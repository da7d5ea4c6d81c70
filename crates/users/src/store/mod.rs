//! The tables of this module and their queries.

pub(crate) mod last_use;
pub(crate) mod sessions;
pub(crate) mod users;
