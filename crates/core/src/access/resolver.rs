//! The resolution of a request's caller and organization.

use async_trait::async_trait;

use super::{AccessError, Caller, Operator, TenantContext};
use crate::{
    id::{OrganizationId, Uuid},
    value::Slug,
};

/// The credential and the organization of a request, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextRequest {
    /// The caller's credential.
    pub credential: Option<Credential>,
    /// The organization named by the header.
    pub header: Option<Slug>,
    /// What the route requires.
    pub wanted: RequiredContext,
    /// The id of the request.
    pub request: Option<Uuid>,
}

/// The credential of a request, not yet checked.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// The key of a session cookie with a valid signature.
    Session(String),
    /// The token of an `Authorization: Bearer` header, verbatim; `None` for another scheme.
    Bearer(Option<String>),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Session(_) => "Session",
            Self::Bearer(_) => "Bearer",
        })
    }
}

/// What a route requires of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequiredContext {
    /// Only the caller.
    Caller,
    /// The caller, and whether it is an operator of the deployment.
    Operator,
    /// The caller's organization, selected in the documented order.
    ActiveTenant,
    /// The organization in the path; `None` if the path holds no valid id.
    PathTenant(Option<OrganizationId>),
}

/// The caller and its context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedContext {
    /// The caller.
    pub caller: Caller,
    /// Whether the caller's address is confirmed.
    pub email_verified: bool,
    /// The organization and the caller's role in it, if the route required one.
    pub tenant: Option<TenantContext>,
    /// The caller as an operator, if the route required one and the caller is one.
    pub operator: Option<Operator>,
}

/// Resolves the caller and its organization. Implemented by the organizations module.
#[async_trait]
pub trait ContextResolver: Send + Sync {
    /// The caller and its context, from one query.
    ///
    /// # Errors
    /// [`AccessError`] when the request is rejected.
    async fn resolve(&self, request: ContextRequest) -> Result<ResolvedContext, AccessError>;
}
