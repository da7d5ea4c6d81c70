//! What the end of a membership leaves behind: a person who left comes back by an invitation that is
//! sent afterwards, by no older one, and not automatically.

mod record;
pub(crate) mod store;
