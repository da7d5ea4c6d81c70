//! The caller and its organization, as values that only the authorized part of the system creates.

use std::{marker::PhantomData, sync::Arc};

use super::{ActedBy, Actor, Permission, PermissionDenied, Role, SecondFactor};
use crate::{
    id::{OrganizationId, SessionId, TokenId, UserId, Uuid},
    value::Name,
};

/// A user whose credential was checked for this request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    user: UserId,
    by: AuthMethod,
    token_name: Option<Arc<str>>,
    request: Option<Uuid>,
    second_factor: SecondFactor,
}

/// The credential of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// A session, started with a password.
    Session(SessionId),
    /// A token.
    Token {
        /// The token's id.
        id: TokenId,
        /// The only organization that it is valid in.
        organization: OrganizationId,
    },
}

impl Caller {
    /// The account.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The credential.
    #[must_use]
    pub const fn auth_method(&self) -> AuthMethod {
        self.by
    }

    /// The second factor of the session.
    #[must_use]
    pub const fn second_factor(&self) -> SecondFactor {
        self.second_factor
    }

    /// The session; `None` for a token.
    #[must_use]
    pub const fn session(&self) -> Option<SessionId> {
        match self.by {
            AuthMethod::Session(session) => Some(session),
            AuthMethod::Token { .. } => None,
        }
    }

    /// The only organization that a token gives access to; `None` for a session, which is valid in all
    /// of the user's organizations.
    #[must_use]
    pub const fn restricted_to(&self) -> Option<OrganizationId> {
        match self.by {
            AuthMethod::Session(_) => None,
            AuthMethod::Token { organization, .. } => Some(organization),
        }
    }
}

/// A caller with a session, for handlers of routes that reject tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCaller {
    caller: Caller,
    session: SessionId,
}

impl SessionCaller {
    /// The caller, if it has a session.
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

/// An operator of the deployment: proof of the staff flag, which was read from the database for this
/// request.
///
/// It gives no access to the rows of organizations; services offer operators what they may do.
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

    /// Whether the operator is a superuser, who may do everything that operators may.
    #[must_use]
    pub const fn is_superuser(&self) -> bool {
        self.is_superuser
    }
}

impl From<&Operator> for Actor {
    fn from(operator: &Operator) -> Self {
        Self {
            by: ActedBy::Operator,
            ..Self::from(&operator.caller)
        }
    }
}

/// The organization of a request and the caller's role in it.
///
/// It is only created when an active membership was found in the database for this request, so it
/// proves the membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantContext {
    organization: OrganizationId,
    user: UserId,
    role: Role,
    actor: Actor,
    has_no_quota: bool,
    second_factor: SecondFactor,
}

impl TenantContext {
    /// The organization.
    #[must_use]
    pub const fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The member.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// The member's role.
    #[must_use]
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The second factor of the member's session.
    #[must_use]
    pub const fn second_factor(&self) -> SecondFactor {
        self.second_factor
    }

    /// How the member acts, for what is recorded.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether the organization had no limit when its membership was read.
    pub(crate) const fn has_no_quota(&self) -> bool {
        self.has_no_quota
    }

    /// Proof that the member has the permission.
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
            actor: self.actor.clone(),
            permission: PhantomData,
        })
    }
}

/// Proof of a permission in one organization, and the only key to that organization's rows.
///
/// Only [`TenantContext::require`] creates one, so code can't act on another organization than the
/// request's.
#[derive(Clone, Debug)]
pub struct Grant<P> {
    organization: OrganizationId,
    user: UserId,
    actor: Actor,
    permission: PhantomData<fn() -> P>,
}

impl<P> Grant<P> {
    /// The organization in which the member has the permission.
    #[must_use]
    pub const fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// The member.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.user
    }
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        let by = match (caller.by, &caller.token_name) {
            (AuthMethod::Session(_), _) => ActedBy::Session,
            (AuthMethod::Token { id, .. }, name) => ActedBy::Token {
                id,
                name: name.clone(),
            },
        };
        Self {
            user: Some(caller.user),
            request: caller.request,
            by,
            identity: None,
        }
    }
}

impl<P> From<&Grant<P>> for Actor {
    fn from(grant: &Grant<P>) -> Self {
        Self {
            // The system acts without a user.
            user: Some(grant.user).filter(|user| !user.uuid().is_nil()),
            ..grant.actor.clone()
        }
    }
}

/// Creates callers and contexts.
///
/// [`Database::open`](crate::db::Database::open) returns it once; the composition root passes it to
/// the module that resolves contexts, and no other module can get one.
#[derive(Clone, Debug)]
pub struct ContextIssuer {
    _private: (),
}

impl ContextIssuer {
    pub(crate) const fn new() -> Self {
        Self { _private: () }
    }

    /// A caller with a valid credential.
    #[must_use]
    pub const fn caller(&self, user: UserId, by: AuthMethod, request: Option<Uuid>) -> Caller {
        Caller {
            user,
            by,
            token_name: None,
            request,
            second_factor: SecondFactor::NotSetUp,
        }
    }

    /// A caller with the second factor of its session.
    #[must_use]
    pub fn with_second_factor(&self, caller: Caller, second_factor: SecondFactor) -> Caller {
        Caller {
            second_factor,
            ..caller
        }
    }

    /// A caller with a token of that name.
    #[must_use]
    pub fn with_token_name(&self, caller: Caller, name: &Name) -> Caller {
        Caller {
            token_name: Some(name.as_str().into()),
            ..caller
        }
    }

    /// A caller whose account has the staff flag.
    #[must_use]
    pub const fn operator(&self, caller: Caller, is_superuser: bool) -> Operator {
        Operator {
            caller,
            is_superuser,
        }
    }

    /// The context of an active membership.
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
            actor,
            has_no_quota: false,
            second_factor: SecondFactor::NotSetUp,
        }
    }

    /// The context of a member with the second factor of the session.
    #[must_use]
    pub fn with_member_factor(
        &self,
        tenant: TenantContext,
        second_factor: SecondFactor,
    ) -> TenantContext {
        TenantContext {
            second_factor,
            ..tenant
        }
    }

    /// The context of an organization without a quota.
    #[must_use]
    pub fn unlimited(&self, tenant: TenantContext) -> TenantContext {
        TenantContext {
            has_no_quota: true,
            ..tenant
        }
    }
}
