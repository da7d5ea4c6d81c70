//! Who may call a route.

use std::fmt;

use tenantry_core::access::{Permission, PermissionInfo, RequiredContext};

/// Who may call a route. A route can't be registered without one, and it is enforced before
/// anything of the request but its headers is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    who: Who,
    session_only: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anyone,
    User,
    Staff,
    Superuser,
    Tenant(PermissionInfo),
    PathOrganization(PermissionInfo),
}

impl Access {
    /// Everybody, signed in or not.
    #[must_use]
    pub const fn anyone() -> Self {
        Self::of(Who::Anyone)
    }

    /// Whoever is signed in.
    #[must_use]
    pub const fn user() -> Self {
        Self::of(Who::User)
    }

    /// Operators of the deployment, with a session. To everybody else there is no such route.
    #[must_use]
    pub const fn staff() -> Self {
        Self::of(Who::Staff)
    }

    /// Operators who may do everything that operators may.
    #[must_use]
    pub const fn superuser() -> Self {
        Self::of(Who::Superuser)
    }

    /// Members with the permission, in the organization of the request.
    #[must_use]
    pub const fn tenant<P: Permission>() -> Self {
        Self::of(Who::Tenant(P::INFO))
    }

    /// Members with the permission, in the organization that the path names as
    /// `{organization_id}`.
    #[must_use]
    pub const fn path_organization<P: Permission>() -> Self {
        Self::of(Who::PathOrganization(P::INFO))
    }

    /// The same callers, but with a session and not with a token.
    #[must_use]
    pub const fn session_only(mut self) -> Self {
        self.session_only = true;
        self
    }

    const fn of(who: Who) -> Self {
        Self {
            who,
            session_only: false,
        }
    }

    /// The permission that a caller needs, if being somebody is not enough.
    #[must_use]
    pub const fn permission(&self) -> Option<PermissionInfo> {
        match self.who {
            Who::Anyone | Who::User | Who::Staff | Who::Superuser => None,
            Who::Tenant(permission) | Who::PathOrganization(permission) => Some(permission),
        }
    }

    /// Whether everybody may call, signed in or not.
    #[must_use]
    pub const fn is_anyone(&self) -> bool {
        matches!(self.who, Who::Anyone)
    }

    /// Whether it is for operators, and does not exist for anybody else.
    #[must_use]
    pub const fn is_for_operators(&self) -> bool {
        matches!(self.who, Who::Staff | Who::Superuser)
    }

    /// Whether it is for superusers alone.
    #[must_use]
    pub const fn is_for_superusers(&self) -> bool {
        matches!(self.who, Who::Superuser)
    }

    /// Whether tokens are refused.
    #[must_use]
    pub const fn is_session_only(&self) -> bool {
        self.session_only
    }

    /// Whether the path names the organization.
    pub(super) const fn needs_organization_in_path(&self) -> bool {
        matches!(self.who, Who::PathOrganization(_))
    }

    /// What to ask the resolver: nothing, where everybody may call. `segment` is the text of
    /// `{organization_id}`; what can't be an id is answered like an id that nothing has.
    pub(super) fn wanted(&self, segment: Option<&str>) -> Option<RequiredContext> {
        match self.who {
            Who::Anyone => None,
            Who::User => Some(RequiredContext::Caller),
            Who::Staff | Who::Superuser => Some(RequiredContext::Operator),
            Who::Tenant(_) => Some(RequiredContext::ActiveTenant),
            Who::PathOrganization(_) => {
                let organization = segment.and_then(|text| text.parse().ok());
                Some(RequiredContext::PathTenant(organization))
            }
        }
    }
}

/// For tables: `anyone`, `user`, `viewer: projects.view`, `user, by session only`.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.who {
            Who::Anyone => f.write_str("anyone")?,
            Who::User => f.write_str("user")?,
            Who::Staff => f.write_str("staff")?,
            Who::Superuser => f.write_str("superuser")?,
            Who::Tenant(permission) | Who::PathOrganization(permission) => {
                write!(f, "{}: {}", permission.min_role, permission.code)?;
            }
        }
        if self.session_only {
            f.write_str(", by session only")?;
        }
        Ok(())
    }
}
