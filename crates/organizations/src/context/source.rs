//! The documented order of sources; exactly one of them decides.

use tenantry_core::{
    access::{AccessError, ContextRequest, Credential, RequiredContext},
    deployment::Deployment,
    id::OrganizationId,
    value::Slug,
};

/// What names a request's organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TenantSource {
    /// The route needs no organization.
    None,
    /// The organization of that slug: the header's, or the one of a dedicated deployment.
    Slug(Slug),
    /// The organization of the path; the header may repeat its slug.
    Path {
        id: OrganizationId,
        header: Option<Slug>,
    },
    /// The organization of the path, in a dedicated deployment.
    DedicatedPath { id: OrganizationId, only: Slug },
    /// No organization can match. The lookup runs all the same, because an invalid credential is
    /// reported first.
    Unmatched,
    /// The organization of the token; the header may repeat its slug.
    Token { header: Option<Slug> },
    /// The organization that the session was switched to, else the caller's oldest membership.
    SessionOrDefault,
}

/// The source for this request.
pub(super) fn source(deployment: &Deployment, request: &ContextRequest) -> TenantSource {
    let header = request.header.clone();
    match (deployment, request.wanted) {
        (_, RequiredContext::Caller | RequiredContext::Operator) => TenantSource::None,
        (_, RequiredContext::PathTenant(None)) => TenantSource::Unmatched,
        (Deployment::Dedicated { organization }, wanted) => {
            if header.is_some_and(|named| named != *organization) {
                return TenantSource::Unmatched;
            }
            let only = organization.clone();
            match wanted {
                RequiredContext::PathTenant(Some(id)) => TenantSource::DedicatedPath { id, only },
                _ => TenantSource::Slug(only),
            }
        }
        (Deployment::Saas, RequiredContext::PathTenant(Some(id))) => {
            TenantSource::Path { id, header }
        }
        (Deployment::Saas, RequiredContext::ActiveTenant) => match (&request.credential, header) {
            (Some(Credential::Bearer(_)), header) => TenantSource::Token { header },
            (_, Some(slug)) => TenantSource::Slug(slug),
            (_, None) => TenantSource::SessionOrDefault,
        },
    }
}

impl TenantSource {
    /// Whether the source names the organization of the caller's token. For a token no other
    /// organization exists, whatever memberships its owner has.
    pub(super) fn allows(&self, bound: OrganizationId, slug: &Slug) -> bool {
        match self {
            Self::None | Self::Unmatched | Self::SessionOrDefault => false,
            Self::Token { .. } => true,
            Self::Slug(named) => named == slug,
            Self::Path { id, .. } => *id == bound,
            Self::DedicatedPath { id, only } => *id == bound && only == slug,
        }
    }
}

/// What the lookup of the credential and the membership found.
pub(super) struct LookupResult<'f> {
    /// The organization that the session was switched to.
    pub(super) selected: Option<OrganizationId>,
    /// The slug of the organization of the active membership.
    pub(super) member_of: Option<&'f Slug>,
}

/// Accepts or refuses a request with a valid credential.
pub(super) fn check(source: &TenantSource, found: &LookupResult<'_>) -> Result<(), AccessError> {
    match (source, found.member_of) {
        (TenantSource::None, _) => Ok(()),
        (
            TenantSource::Path {
                header: Some(header),
                ..
            }
            | TenantSource::Token {
                header: Some(header),
            },
            Some(slug),
        ) if header != slug => Err(AccessError::OrganizationContextConflict),
        (_, Some(_)) => Ok(()),
        (TenantSource::SessionOrDefault, None) => Err(match found.selected {
            // No fallback: a write must never land in another organization than the one that
            // the caller selected.
            Some(_) => AccessError::ActiveOrganizationUnavailable,
            None => AccessError::OrganizationRequired,
        }),
        (_, None) => Err(AccessError::OrganizationNotFound),
    }
}

#[cfg(test)]
mod tests;
