//! The question that every request asks before it is let in, and who answers it.

use async_trait::async_trait;

use super::{AccessError, Caller, Operator, TenantContext};
use crate::{
    id::{OrganizationId, Uuid},
    value::Slug,
};

/// What a request says about itself, parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextRequest {
    /// How the caller identifies himself.
    pub credential: Option<Credential>,
    /// The organization named by the header.
    pub header: Option<Slug>,
    /// What the route needs to know.
    pub wanted: RequiredContext,
    /// The id of the request.
    pub request: Option<Uuid>,
}

/// How a caller identifies himself.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// The key of a session cookie whose signature was found good.
    Session(String),
    /// The token of an `Authorization: Bearer` header, as it came; nothing where the header is
    /// of another kind.
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

/// What a route needs to know about its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequiredContext {
    /// Only who he is.
    Caller,
    /// Who he is, and whether he operates the deployment.
    Operator,
    /// His organization, chosen by the documented order.
    ActiveTenant,
    /// The organization that the path names; nothing when the path holds no valid id.
    PathTenant(Option<OrganizationId>),
}

/// Who asks, and the context he acts in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedContext {
    /// The caller.
    pub caller: Caller,
    /// The organization and the caller's role in it, where the route wanted one.
    pub tenant: Option<TenantContext>,
    /// The caller as an operator, where the route wanted one and he is one.
    pub operator: Option<Operator>,
}

/// Answers who is calling, for which organization. Implemented by the organizations module.
#[async_trait]
pub trait ContextResolver: Send + Sync {
    /// The caller and his context, from one query.
    ///
    /// # Errors
    /// [`AccessError`] when the request is refused.
    async fn resolve(&self, question: ContextRequest) -> Result<ResolvedContext, AccessError>;
}
