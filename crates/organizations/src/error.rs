//! What can be wrong with a wish about organizations.

use tenantry_core::{
    access::{PermissionDenied, Refusal},
    db::DbError,
    error::{Fact, Kind},
    page::PageError,
};
use tenantry_users::UsersError;

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
    Refused(#[from] Refusal),
    /// The database refused.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Fact for OrganizationsError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotFound | Self::MemberNotFound => Kind::NotFound,
            Self::SlugTaken | Self::AlreadyMember => Kind::Conflict,
            Self::LastOwner | Self::OwnerInactive | Self::SeveralOwners => Kind::Conflict,
            Self::TransferToOneself => Kind::Invalid,
            Self::CreationDisabled | Self::PermissionDenied(_) => Kind::Forbidden,
            Self::DedicatedMissing => Kind::Unavailable,
            Self::Page(error) => error.kind(),
            Self::Users(error) => error.kind(),
            Self::Refused(error) => error.kind(),
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
            Self::PermissionDenied(_) => "permission_denied",
            Self::Page(error) => error.code(),
            Self::Users(error) => error.code(),
            Self::Refused(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }
}
