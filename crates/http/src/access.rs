//! Who may call a route.

use std::fmt;

use tenantry_core::access::{Permission, PermissionInfo, RequiredContext};

/// Who may call a route. Every route has one, and it is enforced after the headers are read and
/// before the body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    who: Who,
    session_only: bool,
    unverified: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Anyone,
    Visitor,
    User,
    Staff,
    Superuser,
    Tenant(PermissionInfo),
    PathOrganization(PermissionInfo),
    SlugOrganization(PermissionInfo),
}

impl Access {
    /// Any client, signed in or not.
    #[must_use]
    pub const fn anyone() -> Self {
        Self::of(Who::Anyone)
    }

    /// Any client, whose session is read if it has one: a page that differs for signed-in users.
    #[must_use]
    pub const fn visitor() -> Self {
        Self::of(Who::Visitor).session_only()
    }

    /// Any signed-in user.
    #[must_use]
    pub const fn user() -> Self {
        Self::of(Who::User)
    }

    /// Operators of the deployment, with a session. For all others the route does not exist.
    #[must_use]
    pub const fn staff() -> Self {
        Self::of(Who::Staff)
    }

    /// Operators who are superusers.
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

    /// Members with the permission, in the organization whose slug the path holds as `{slug}`. For
    /// pages, which name their organization in their address.
    #[must_use]
    pub const fn slug_organization<P: Permission>() -> Self {
        Self::of(Who::SlugOrganization(P::INFO)).session_only()
    }

    /// The same callers, but with a session and not with a token.
    #[must_use]
    pub const fn session_only(mut self) -> Self {
        self.session_only = true;
        self
    }

    /// The same callers, and also accounts whose address is not confirmed where that is required: for
    /// what an account does with itself.
    #[must_use]
    pub const fn or_unverified(mut self) -> Self {
        self.unverified = true;
        self
    }

    const fn of(who: Who) -> Self {
        Self {
            who,
            session_only: false,
            unverified: false,
        }
    }

    /// The permission that a caller needs, if any.
    #[must_use]
    pub const fn permission(&self) -> Option<PermissionInfo> {
        match self.who {
            Who::Anyone | Who::Visitor | Who::User | Who::Staff | Who::Superuser => None,
            Who::Tenant(permission)
            | Who::PathOrganization(permission)
            | Who::SlugOrganization(permission) => Some(permission),
        }
    }

    /// Whether any client may call it, signed in or not.
    #[must_use]
    pub const fn is_anyone(&self) -> bool {
        matches!(self.who, Who::Anyone)
    }

    /// Whether any client may call it, and a signed-in one is known.
    #[must_use]
    pub const fn is_visitor(&self) -> bool {
        matches!(self.who, Who::Visitor)
    }

    /// Whether it is for operators, and does not exist for all others.
    #[must_use]
    pub const fn is_for_operators(&self) -> bool {
        matches!(self.who, Who::Staff | Who::Superuser)
    }

    /// Whether it is only for superusers.
    #[must_use]
    pub const fn is_for_superusers(&self) -> bool {
        matches!(self.who, Who::Superuser)
    }

    /// Whether tokens are rejected.
    #[must_use]
    pub const fn is_session_only(&self) -> bool {
        self.session_only
    }

    /// Whether an account may call it before its address is confirmed.
    #[must_use]
    pub const fn is_for_unverified(&self) -> bool {
        self.unverified || matches!(self.who, Who::Anyone | Who::Visitor)
    }

    /// Whether the path names the organization.
    pub(super) const fn needs_organization_in_path(&self) -> bool {
        matches!(self.who, Who::PathOrganization(_))
    }

    /// Whether the path holds the slug of the organization.
    pub(super) const fn needs_slug_in_path(&self) -> bool {
        matches!(self.who, Who::SlugOrganization(_))
    }

    /// What the resolver must find; `None` if any client may call. `segment` is the text of
    /// `{organization_id}`; an invalid id is treated like an unknown one.
    pub(super) fn wanted(&self, segment: Option<&str>) -> Option<RequiredContext> {
        match self.who {
            Who::Anyone => None,
            Who::User | Who::Visitor => Some(RequiredContext::Caller),
            Who::Staff | Who::Superuser => Some(RequiredContext::Operator),
            Who::Tenant(_) | Who::SlugOrganization(_) => Some(RequiredContext::ActiveTenant),
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
            Who::Visitor => return f.write_str("anyone, known by session"),
            Who::User => f.write_str("user")?,
            Who::Staff => f.write_str("staff")?,
            Who::Superuser => f.write_str("superuser")?,
            Who::Tenant(permission)
            | Who::PathOrganization(permission)
            | Who::SlugOrganization(permission) => {
                write!(f, "{}: {}", permission.min_role, permission.code)?;
            }
        }
        if self.session_only {
            f.write_str(", by session only")?;
        }
        Ok(())
    }
}
