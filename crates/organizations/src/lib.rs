//! Organizations: the tenants, their members, and which of them a request acts in.
//!
//! - [`OrganizationsService`] is what the module does; it is also the
//!   [`ContextResolver`](tenantry_core::access::ContextResolver) of every request
//! - [`TokensService`]: API tokens, each bound to one organization
//! - [`InvitationsService`] and [`SignupService`] are parts of it
//! - [`routes`] and [`subscribe`] connect it to the outside and to the other modules
//! - entities, statements and the resolution order are private

mod context;
mod entity;
mod error;
mod http;
mod invitations;
mod listeners;
mod model;
mod service;
mod signup;
mod store;
mod tokens;

pub use error::OrganizationsError;
pub use http::routes;
pub use invitations::{
    ExpiresInDays, Invitation, InvitationError, InvitationPreview, InvitationSecret,
    InvitationStatus, InvitationsService, MaxUses, Membership, NewInvitation, PublicUrl,
    SentInvitation,
};
pub use listeners::subscribe;
pub use model::{
    DeleteOrganization, InviteMembers, ManageMembers, ManageOrganization, Member, NewMember,
    NewOrganization, Organization, OrganizationRef, OwnOrganization, PERMISSIONS,
    TransferOrganization, ViewBilling, ViewOrganization,
};
pub use service::{Me, OrganizationsDeps, OrganizationsService, service};
pub use signup::{SignupPolicy, SignupService};
pub use tokens::{IssuedToken, NewToken, Token, TokenDigest, TokenSecret, TokensService};
