//! The tables of this module, and the views it reads.

pub(crate) mod active_membership;
pub(crate) mod active_owner;
pub(crate) mod live_session;
pub(crate) mod member;
pub(crate) mod organization;
