//! The documented order, with exactly one source deciding.

use tenantry_core::{
    access::{AccessError, ContextRequest, Credential, RequiredContext},
    deployment::Deployment,
    id::OrganizationId,
    value::Slug,
};

/// The one thing that a request's organization is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// No organization is wanted.
    Nothing,
    /// The organization of that slug: the header's, or the one of a dedicated deployment.
    Slug(Slug),
    /// The organization that the path names. The slug is what the header says of it.
    Path {
        id: OrganizationId,
        header: Option<Slug>,
    },
    /// The path's, in a deployment that has only this one.
    DedicatedPath { id: OrganizationId, only: Slug },
    /// One that can't exist: asked for all the same, so that the credential is judged first.
    Nowhere,
    /// The one that the token is bound to. The slug is what the header says of it.
    Bound { header: Option<Slug> },
    /// The one that the session was switched to, else the caller's oldest membership.
    SessionOrDefault,
}

/// Where the organization of this request is read from.
pub(super) fn source(deployment: &Deployment, question: &ContextRequest) -> Source {
    let header = question.header.clone();
    match (deployment, question.wanted) {
        (_, RequiredContext::Caller | RequiredContext::Operator) => Source::Nothing,
        (_, RequiredContext::PathTenant(None)) => Source::Nowhere,
        (Deployment::Dedicated { organization }, wanted) => {
            if header.is_some_and(|named| named != *organization) {
                return Source::Nowhere;
            }
            let only = organization.clone();
            match wanted {
                RequiredContext::PathTenant(Some(id)) => Source::DedicatedPath { id, only },
                _ => Source::Slug(only),
            }
        }
        (Deployment::Saas, RequiredContext::PathTenant(Some(id))) => Source::Path { id, header },
        (Deployment::Saas, RequiredContext::ActiveTenant) => match (&question.credential, header) {
            (Some(Credential::Bearer(_)), header) => Source::Bound { header },
            (_, Some(slug)) => Source::Slug(slug),
            (_, None) => Source::SessionOrDefault,
        },
    }
}

impl Source {
    /// Whether this is the organization that the source names, for a caller whose token is bound
    /// to it. All others don't exist for him, whatever its owner is in them.
    pub(super) fn reaches(&self, bound: OrganizationId, slug: &Slug) -> bool {
        match self {
            Self::Nothing | Self::Nowhere | Self::SessionOrDefault => false,
            Self::Bound { .. } => true,
            Self::Slug(named) => named == slug,
            Self::Path { id, .. } => *id == bound,
            Self::DedicatedPath { id, only } => *id == bound && only == slug,
        }
    }
}

/// What the query found of the session or token, and of the membership that the source names.
pub(super) struct Found<'f> {
    /// The organization that the session was switched to.
    pub(super) selected: Option<OrganizationId>,
    /// The slug of the organization where an active membership was found.
    pub(super) member_of: Option<&'f Slug>,
}

/// Whether the request is let in, given what was found. The credential is good.
pub(super) fn judge(source: &Source, found: &Found<'_>) -> Result<(), AccessError> {
    match (source, found.member_of) {
        (Source::Nothing, _) => Ok(()),
        (
            Source::Path {
                header: Some(header),
                ..
            }
            | Source::Bound {
                header: Some(header),
            },
            Some(slug),
        ) if header != slug => Err(AccessError::OrganizationContextConflict),
        (_, Some(_)) => Ok(()),
        (Source::SessionOrDefault, None) => Err(match found.selected {
            // No falling back: a write must never land in another organization than the one
            // that the caller believes he is in.
            Some(_) => AccessError::ActiveOrganizationUnavailable,
            None => AccessError::OrganizationRequired,
        }),
        (_, None) => Err(AccessError::OrganizationNotFound),
    }
}

#[cfg(test)]
mod tests;
