//! The table of this module, and the view of its usage.

pub(crate) mod project;
pub(crate) mod project_usage;
