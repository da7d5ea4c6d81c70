//! The tables of this module, and the views it reads.

pub(crate) mod active_membership;
pub(crate) mod active_owner;
pub(crate) mod active_token;
pub(crate) mod active_user;
pub(crate) mod api_token;
pub(crate) mod departed_user;
pub(crate) mod every_membership;
pub(crate) mod former_member;
pub(crate) mod invitation;
pub(crate) mod invitation_state;
pub(crate) mod live_session;
pub(crate) mod live_token;
pub(crate) mod member;
pub(crate) mod member_count;
pub(crate) mod member_profile;
pub(crate) mod navigation_entry;
pub(crate) mod open_invitation;
pub(crate) mod organization;
pub(crate) mod retired_slug;
pub(crate) mod sent_invitation;
