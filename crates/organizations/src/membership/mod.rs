//! Who belongs to an organization: members, owners, seats, invitations and signing up.

pub(crate) mod dedicated;
pub(crate) mod departures;
pub(crate) mod invitations;
pub(crate) mod members;
pub(crate) mod model;
pub(crate) mod signup;
