//! The four roles.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::InvalidText;

/// A member's role in an organization. Roles are ordered: each may do what the lower ones may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Reads and writes.
    Member,
    /// Manages members and settings, but not owners.
    Admin,
    /// May do everything, including deleting the organization.
    Owner,
}

impl Role {
    /// All roles, lowest first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Member, Self::Admin, Self::Owner];

    /// Whether a member with this role may grant the other role, and manage members who have it.
    ///
    /// So members can't grant more than their own role or manage members above it: only owners manage
    /// owners, and members can't promote themselves.
    #[must_use]
    pub fn is_at_least(self, other: Self) -> bool {
        other <= self
    }

    /// The role's name on the wire and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(InvalidText("must be one of viewer, member, admin, owner"))
    }
}

crate::column_value!(Role, String, |role| role.to_string(), |text: String| text
    .parse::<Role>(
));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_ordered_viewer_member_admin_owner() {
        assert!(Role::ALL.is_sorted());
    }
}
