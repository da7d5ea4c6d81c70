//! The tables of this module, and everything that is asked of them.

pub(crate) mod sessions;
pub(crate) mod users;
