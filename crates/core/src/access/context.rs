//! Who acts, and in which organization: values that only the right part of the system can make.

use std::marker::PhantomData;

use super::{Permission, Role};
use crate::id::{OrganizationId, SessionId, TokenId, UserId, Uuid};

/// A person whose credential was checked for this request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    user: UserId,
    by: AuthMethod,
    request: Option<Uuid>,
}

/// The credential that a caller came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// A session, begun with a password.
    Session(SessionId),
    /// A token.
    Token {
        /// Which.
        id: TokenId,
        /// The one organization that it is bound to.
        organization: OrganizationId,
    },
}

impl Caller {
    /// The account.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// What he came with.
    #[must_use]
    pub const fn auth_method(&self) -> AuthMethod {
        self.by
    }

    /// His session; nothing for a caller with a token.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self.by {
            AuthMethod::Session(session) => Some(session),
            AuthMethod::Token { .. } => None,
        }
    }

    /// The one organization that he may see and act in; nothing for a caller with a session, who
    /// may be in all of his.
    #[must_use]
    pub const fn restricted_to(&self) -> Option<OrganizationId> {
        match self.by {
            AuthMethod::Session(_) => None,
            AuthMethod::Token { organization, .. } => Some(organization),
        }
    }
}

/// A caller with a session. Handlers of routes that refuse tokens take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCaller {
    caller: Caller,
    session: SessionId,
}

impl SessionCaller {
    /// The caller as one with a session, if he has one.
    #[must_use]
    pub fn of(caller: Caller) -> Option<Self> {
        let session = caller.session()?;
        Some(Self { caller, session })
    }

    /// The session.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        self.session
    }
}

impl std::ops::Deref for SessionCaller {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl From<&SessionCaller> for Actor {
    fn from(caller: &SessionCaller) -> Self {
        Self::from(&caller.caller)
    }
}

/// A caller who operates the deployment: proof of the staff flag, found in the database for this
/// very request.
///
/// It is no way to any organization's rows; what operators may do, a service offers to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    caller: Caller,
    is_superuser: bool,
}

impl Operator {
    /// The account.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.caller.user
    }

    /// Whether he may do everything that operators may.
    #[must_use]
    pub const fn is_superuser(&self) -> bool {
        self.is_superuser
    }
}

impl From<&Operator> for Actor {
    fn from(operator: &Operator) -> Self {
        Self::from(&operator.caller)
    }
}

/// The organization of a request and the caller's role in it.
///
/// It exists only where an active membership was found in the database for this very request,
/// so holding one is proof of membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantContext {
    organization: OrganizationId,
    user: UserId,
    role: Role,
    request: Option<Uuid>,
    has_no_quota: bool,
}

impl TenantContext {
    /// The organization.
    #[must_use]
    pub const fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The member who acts.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The member's role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Whether the organization was seen to have no limit at all, when its membership was found.
    /// Then [`Quotas`](crate::quota::Quotas) need not be asked.
    #[must_use]
    pub const fn has_no_quota(&self) -> bool {
        self.has_no_quota
    }

    /// Proof that the member holds the permission.
    ///
    /// # Errors
    /// [`PermissionDenied`] when the role is too low.
    pub fn require<P: Permission>(&self) -> Result<Grant<P>, PermissionDenied> {
        if self.role < P::MIN_ROLE {
            return Err(PermissionDenied {
                permission: P::CODE,
            });
        }
        Ok(Grant {
            organization: self.organization,
            user: self.user,
            request: self.request,
            permission: PhantomData,
        })
    }
}

/// Proof of a permission in one organization, and the only way to that organization's rows.
///
/// It comes from [`TenantContext::require`] alone, so acting on another organization than the
/// request's can't be expressed.
#[derive(Clone, Debug)]
pub struct Grant<P> {
    organization: OrganizationId,
    user: UserId,
    request: Option<Uuid>,
    permission: PhantomData<fn() -> P>,
}

impl<P> Grant<P> {
    /// The organization that the permission was found in.
    #[must_use]
    pub const fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The member who holds it.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }
}

/// A member without the permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("your role in this organization does not allow this")]
pub struct PermissionDenied {
    /// The code of the permission that is missing.
    pub permission: &'static str,
}

/// On whose behalf something is done; recorded with every event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The person, or nobody when the system itself acts.
    pub user: Option<UserId>,
    /// The request that caused it.
    pub request: Option<Uuid>,
}

impl Actor {
    /// The system itself: the command line, a listener, a new visitor.
    #[must_use]
    pub const fn system() -> Self {
        Self {
            user: None,
            request: None,
        }
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self {
            user: Some(caller.user),
            request: caller.request,
        }
    }
}

impl<P> From<&Grant<P>> for Actor {
    fn from(grant: &Grant<P>) -> Self {
        Self {
            user: Some(grant.user),
            request: grant.request,
        }
    }
}

/// The power to say who somebody is and where he belongs.
///
/// It comes out of [`Database::open`](crate::db::Database::open) once; the composition root
/// hands it to the module that resolves contexts, and no other module can get one.
#[derive(Clone, Debug)]
pub struct ContextIssuer {
    _private: (),
}

impl ContextIssuer {
    pub(crate) const fn new() -> Self {
        Self { _private: () }
    }

    /// A caller whose credential was found valid.
    #[must_use]
    pub const fn caller(&self, user: UserId, by: AuthMethod, request: Option<Uuid>) -> Caller {
        Caller { user, by, request }
    }

    /// A caller whose account was found to be staff.
    #[must_use]
    pub const fn operator(&self, caller: Caller, is_superuser: bool) -> Operator {
        Operator {
            caller,
            is_superuser,
        }
    }

    /// The context of a membership that was found active.
    #[must_use]
    pub fn tenant(
        &self,
        organization: OrganizationId,
        user: UserId,
        role: Role,
        actor: Actor,
    ) -> TenantContext {
        TenantContext {
            organization,
            user,
            role,
            request: actor.request,
            has_no_quota: false,
        }
    }

    /// The context, of an organization that was found to have no limit.
    #[must_use]
    pub fn unlimited(&self, tenant: TenantContext) -> TenantContext {
        TenantContext {
            has_no_quota: true,
            ..tenant
        }
    }
}
