//! Organizations: the tenants, their members, and which organization a request acts in.
//!
//! - [`Organizations`]: the module's services, one narrow handle each
//! - [`OrganizationsModule`]: its descriptor for the composition root
//! - [`token_revoker`]: the module's part in revoking a user's credentials, for the users module
//! - entities, statements and the order of sources are private

mod context;
mod entity;
mod error;
mod error_codes;
mod listeners;
mod membership;
mod module;
mod operators;
mod organization;
mod permissions;
mod policy;
mod routes;
mod service;
mod services;
mod tokens;

pub use error::OrganizationsError;
pub use error_codes::ERROR_CODES;
pub use membership::{
    dedicated::DedicatedMembership,
    invitations::{
        error::InvitationError,
        http::{INVITATIONS, count_invitation},
        link::BaseUrl,
        model::{
            BlockReason, ExpiresInDays, Invitation, InvitationPreview, InvitationStatus,
            InvitationToMail, MaxUses, Membership, NewInvitation, ReceivedInvitation,
            SentInvitation,
        },
        received::service::ReceivedInvitationsService,
        secret::InvitationSecret,
        service::InvitationsService,
    },
    members::service::MembersService,
    model::{DisabledUser, Force, Member, MembersFilter, NewMember, NewOwner},
    signup::{
        http::SIGNUPS,
        model::{SignedUp, SignupPolicy},
        service::SignupService,
    },
};
pub use module::OrganizationsModule;
pub use operators::{
    model::{
        AccountDetails, LimitsChange, MemberDetails, MemberFilter, OrganizationActivity,
        OrganizationChange, OrganizationDetails, OrganizationFilter, OrganizationName,
        OrganizationState, OrganizationView, ReportColumn, ReportOrder,
    },
    service::OperatorsService,
};
pub use organization::{
    deletion::{
        background::{delete_organization, delete_organization_as},
        model::{Deletion, RemainingRows},
        service::{DeletionService, EraseProgress, ProgressFn},
    },
    directory::DirectoryService,
    model::{MEMBERSHIPS_SHOWN, MyOrganization, NewOrganization, Organization, OrganizationRef},
    navigation::{CurrentOrganization, Navigation},
    quotas::{
        billing::{Billing, BillingService, Plan, Usage},
        model::{MaxCount, OrganizationLimits},
    },
    service::{Me, OrganizationsService},
    settings::{
        model::{Features, Locale, Preferences, Settings, SettingsView, TimeZone},
        patch::{FeaturesPatch, PreferencesPatch, SettingsPatch},
        service::SettingsService,
    },
};
pub use permissions::{
    DeleteOrganization, InviteMembers, ManageMembers, ManageOrganization, PERMISSIONS,
    RequireSecondFactor, TransferOrganization, ViewBilling, ViewOrganization, grantable_roles,
};
pub use policy::Policy;
pub use service::OrganizationsDeps;
pub use services::Organizations;
pub use tokens::{
    model::{IssuedToken, NewToken, Token},
    revocation::token_revoker,
    secret::{TokenDigest, TokenSecret},
    service::TokensService,
};
