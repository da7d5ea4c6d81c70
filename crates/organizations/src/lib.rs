//! Organizations: the tenants, their members, and which organization a request acts in.
//!
//! - [`OrganizationsService`] is what the module does; it is also the
//!   [`ContextResolver`](tenantry_core::access::ContextResolver) of every request
//! - [`TokensService`]: API tokens, each of one organization; the users module revokes them
//!   through [`token_revoker`]
//! - [`InvitationsService`] and [`SignupService`] are parts of it
//! - [`SettingsService`], [`BillingService`], [`OperatorsService`] and [`DeletionService`] are parts
//!   of it
//! - [`routes`] and [`subscribe`] connect it to HTTP and to the other modules
//! - entities, statements and the order of sources are private

mod context;
mod deletion;
mod entity;
mod error;
mod error_codes;
mod http;
mod invitations;
mod limits;
mod listeners;
mod members;
mod model;
mod operators;
mod policy;
mod service;
mod settings;
mod signup;
mod store;
mod tokens;

pub use deletion::{DeletionService, EraseProgress, ProgressFn};
pub use error::OrganizationsError;
pub use error_codes::ERROR_CODES;
pub use http::routes;
pub use invitations::{
    ExpiresInDays, INVITATIONS, Invitation, InvitationBaseUrl, InvitationError, InvitationPreview,
    InvitationSecret, InvitationStatus, InvitationsService, MaxUses, Membership, NewInvitation,
    SentInvitation,
};
pub use limits::{Billing, BillingService, MaxCount, OrganizationLimits, Plan, Usage};
pub use listeners::subscribe;
pub use members::MembersService;
pub use model::{
    DeleteOrganization, InviteMembers, ManageMembers, ManageOrganization, Member, MyOrganization,
    NewMember, NewOrganization, Organization, OrganizationRef, PERMISSIONS, TransferOrganization,
    ViewBilling, ViewOrganization,
};
pub use operators::{
    LimitsChange, MemberDetails, MemberFilter, OperatorsService, OrganizationActivity,
    OrganizationChange, OrganizationFilter, OrganizationName,
};
pub use policy::Policy;
pub use service::{Me, OrganizationsDeps, OrganizationsService, service};
pub use settings::{
    Features, FeaturesPatch, Locale, Preferences, PreferencesPatch, Settings, SettingsPatch,
    SettingsService, SettingsView, TimeZone,
};
pub use signup::{SIGNUPS, SignupPolicy, SignupService};
pub use tokens::{
    IssuedToken, NewToken, Token, TokenDigest, TokenSecret, TokensService, token_revoker,
};
