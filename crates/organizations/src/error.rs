//! What can be wrong with a wish about organizations.

use tenantry_core::{
    access::{AccessError, PermissionDenied},
    db::DbError,
    error::{DomainError, ErrorKind},
    page::PageError,
};
use tenantry_users::UsersError;

use crate::InvitationError;

/// Why an organization could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum OrganizationsError {
    /// There is no such organization.
    #[error("no such organization")]
    NotFound,
    /// Another organization has this slug.
    #[error("another organization has this slug")]
    SlugTaken,
    /// The person is a member already.
    #[error("this person is a member already")]
    AlreadyMember,
    /// A dedicated deployment has one organization, and operators make it.
    #[error("organizations are made by the operator here")]
    CreationDisabled,
    /// The one organization of a dedicated deployment is missing or disabled.
    #[error("the organization of this deployment is missing or disabled")]
    DedicatedMissing,
    /// No token of this id, or another person's: one answer for both.
    #[error("no such token")]
    TokenNotFound,
    /// A token that would be over before it begins.
    #[error("some fields are not valid")]
    TokenExpiryPast,
    /// The member has as many tokens for this organization as one may have.
    #[error("there are too many tokens for this organization; revoke one that is not needed")]
    TooManyTokens,
    /// The organization has as many members as it may have.
    #[error("the organization has no seat left")]
    SeatLimitReached,
    /// Only whoever was invited may sign up.
    #[error("an account is made by invitation only here")]
    SignupByInvitationOnly,
    /// The invitation can't be used so.
    #[error(transparent)]
    Invitation(#[from] InvitationError),
    /// The deletion was not confirmed with the organization's slug.
    #[error("confirm_slug must be the slug of the organization")]
    WrongConfirmation,
    /// A member tried to change what operators allow.
    #[error("limits are set by operators")]
    LimitsReadOnly,
    /// There is no room for so much of the customer's own.
    #[error("custom settings can hold at most 16384 bytes of JSON")]
    CustomTooLarge,
    /// As if there were no such route.
    #[error("there is nothing here")]
    RouteNotFound,
    /// There is no such member in this organization.
    #[error("no such member")]
    MemberNotFound,
    /// No active owner would be left.
    #[error("an organization can't be without an active owner")]
    LastOwner,
    /// Whoever is to become an owner can't sign in.
    #[error("an owner needs an active account")]
    OwnerInactive,
    /// An organization is handed over to somebody else, or not at all.
    #[error("this member is the one who hands the organization over")]
    TransferToOneself,
    /// It is not clear which of the owners hands the organization over.
    #[error("the organization has several owners, or none; say who hands it over")]
    SeveralOwners,
    /// The caller's role does not allow it.
    #[error(transparent)]
    PermissionDenied(#[from] PermissionDenied),
    /// The page can't be given.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The users module refused.
    #[error(transparent)]
    Users(#[from] UsersError),
    /// The request could not be placed.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DbError),
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
            | Self::OwnerInactive
            | Self::SeveralOwners
            | Self::TooManyTokens
            | Self::SeatLimitReached => ErrorKind::Conflict,
            Self::TokenExpiryPast
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
            Self::AlreadyMember => "already_member",
            Self::MemberNotFound => "member_not_found",
            Self::LastOwner => "last_owner",
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
