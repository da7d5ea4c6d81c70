//! The errors of the module.

use tenantry_core::{
    access::{AccessError, PermissionDenied},
    db::DbError,
    error::{DomainError, ErrorKind},
    page::PageError,
    value::Slug,
};
use tenantry_users::UsersError;

use crate::membership::invitations::error::InvitationError;

/// Why an organization could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationsError {
    /// There is no such organization.
    #[error("no such organization")]
    NotFound,
    /// Another organization has this slug.
    #[error("another organization has this slug")]
    SlugTaken,
    /// The requested slug is a segment of a route.
    #[error("the slug is a reserved word")]
    SlugReserved,
    /// The user is a member already.
    #[error("this person is a member already")]
    AlreadyMember,
    /// A dedicated deployment has one organization, which operators create.
    #[error("organizations are made by the operator here")]
    CreationDisabled,
    /// The one organization of a dedicated deployment is missing or disabled.
    #[error("the organization of this deployment is missing or disabled")]
    DedicatedMissing,
    /// Unknown tokens and those of other users: one answer for both.
    #[error("no such token")]
    TokenNotFound,
    /// The token's expiry lies in the past.
    #[error("some fields are not valid")]
    TokenExpiryPast,
    /// The member has the maximum number of tokens for this organization.
    #[error("there are too many tokens for this organization; revoke one that is not needed")]
    TooManyTokens,
    /// The organization's seat limit is reached.
    #[error("the organization has no seat left")]
    SeatLimitReached,
    /// Only invited people may sign up.
    #[error("an account is made by invitation only here")]
    SignupByInvitationOnly,
    /// The invitation can't be used.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// The deletion was not confirmed with the organization's slug.
    #[error("confirm_slug must be the slug of the organization")]
    WrongConfirmation,
    /// A member tried to change what operators allow.
    #[error("limits are set by operators")]
    LimitsReadOnly,
    /// The custom settings exceed their maximum size.
    #[error("custom settings can hold at most 16384 bytes of JSON")]
    CustomTooLarge,
    /// The route does not exist in this deployment.
    #[error("there is nothing here")]
    RouteNotFound,
    /// There is no such member in this organization.
    #[error("no such member")]
    MemberNotFound,
    /// No active owner would be left.
    #[error("an organization can't be without an active owner")]
    LastOwner,
    /// No active owner would be left in these organizations, if the account is disabled.
    #[error("this person is the only active owner of {}", list(.0))]
    SoleOwner(Vec<Slug>),
    /// An operator would lock out the own account.
    #[error("operators can't disable their own accounts")]
    OwnAccount,
    /// The organization has an active owner, who can transfer it.
    #[error("the organization has an active owner, who can hand it over")]
    OwnerExists,
    /// The person owns as many organizations as one person may.
    #[error("a person can own {0} organizations at most")]
    OrganizationLimitReached(u32),
    /// The account of the new owner is disabled.
    #[error("an owner needs an active account")]
    OwnerInactive,
    /// The current owner is named as the new one.
    #[error("this member is the one who hands the organization over")]
    TransferToOneself,
    /// The transfer does not name one of several owners.
    #[error("the organization has several owners, or none; say who hands it over")]
    SeveralOwners,
    /// The caller's role does not allow it.
    #[error(transparent)]
    PermissionDenied(#[from] PermissionDenied),
    /// The page request is not valid.
    #[error(transparent)]
    Page(#[from] PageError),
    /// An error of the users module.
    #[error(transparent)]
    Users(#[from] UsersError),
    /// No context could be resolved.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// An error of the database.
    #[error(transparent)]
    Database(#[from] DbError),
}

/// How many organizations a message names.
const NAMED: usize = 20;

/// The slugs in one line, and how many more there are.
fn list(slugs: &[Slug]) -> String {
    let named: Vec<_> = slugs.iter().take(NAMED).map(Slug::as_str).collect();
    let named = named.join(", ");
    match slugs.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

impl DomainError for OrganizationsError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotFound | Self::TokenNotFound | Self::MemberNotFound | Self::RouteNotFound => {
                ErrorKind::NotFound
            }
            Self::SlugTaken
            | Self::AlreadyMember
            | Self::LastOwner
            | Self::SoleOwner(_)
            | Self::OwnAccount
            | Self::OwnerExists
            | Self::OrganizationLimitReached(_)
            | Self::OwnerInactive
            | Self::SeveralOwners
            | Self::TooManyTokens
            | Self::SeatLimitReached => ErrorKind::Conflict,
            Self::SlugReserved
            | Self::TokenExpiryPast
            | Self::WrongConfirmation
            | Self::CustomTooLarge
            | Self::TransferToOneself => ErrorKind::Invalid,
            Self::CreationDisabled
            | Self::SignupByInvitationOnly
            | Self::PermissionDenied(_)
            | Self::LimitsReadOnly => ErrorKind::Forbidden,
            Self::Invitation(error) => error.kind(),
            Self::DedicatedMissing => ErrorKind::Unavailable,
            Self::Page(error) => error.kind(),
            Self::Users(error) => error.kind(),
            Self::Access(error) => error.kind(),
            Self::Database(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "organization_not_found",
            Self::SlugTaken => "slug_taken",
            Self::SlugReserved => "validation_failed",
            Self::AlreadyMember => "already_member",
            Self::MemberNotFound => "member_not_found",
            Self::LastOwner | Self::SoleOwner(_) => "last_owner",
            Self::OwnAccount => "own_account",
            Self::OwnerExists => "owner_exists",
            Self::OrganizationLimitReached(_) => "organization_limit_reached",
            Self::OwnerInactive => "owner_inactive",
            Self::TransferToOneself => "transfer_to_oneself",
            Self::SeveralOwners => "several_owners",
            Self::CreationDisabled => "organization_creation_disabled",
            Self::DedicatedMissing => "dedicated_organization_missing",
            Self::TokenNotFound => "token_not_found",
            Self::TokenExpiryPast => "validation_failed",
            Self::TooManyTokens => "too_many_tokens",
            Self::SeatLimitReached => "seat_limit_reached",
            Self::SignupByInvitationOnly => "signup_by_invitation_only",
            Self::Invitation(error) => error.code(),
            Self::WrongConfirmation => "confirm_slug_mismatch",
            Self::LimitsReadOnly => "limits_read_only",
            Self::CustomTooLarge => "custom_settings_too_large",
            Self::RouteNotFound => "not_found",
            Self::PermissionDenied(_) => "permission_denied",
            Self::Page(error) => error.code(),
            Self::Users(error) => error.code(),
            Self::Access(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
