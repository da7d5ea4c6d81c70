//! Permissions and the lowest role that has them.

use super::Role;

/// An action in an organization.
///
/// Declared with [`permission!`](crate::permission), by the module whose data it protects.
pub trait Permission: Send + Sync + 'static {
    /// The stable code, `module.verb`.
    const CODE: &'static str;
    /// The lowest role that has it.
    const MIN_ROLE: Role;
    /// Code and role as a value, for tables.
    const INFO: PermissionInfo = PermissionInfo {
        code: Self::CODE,
        min_role: Self::MIN_ROLE,
    };
}

/// A [`Permission`] as a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct PermissionInfo {
    /// The stable code, `module.verb`.
    pub code: &'static str,
    /// The lowest role that has it.
    #[serde(rename = "lowest")]
    pub min_role: Role,
}

/// A member without the permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("your role in this organization does not allow this")]
pub struct PermissionDenied {
    /// The code of the missing permission.
    pub permission: &'static str,
}

/// Declares a permission: its type, its code and the lowest role that has it.
#[macro_export]
macro_rules! permission {
    ($(#[$meta:meta])* $name:ident = $code:literal, $min_role:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl $crate::access::Permission for $name {
            const CODE: &'static str = $code;
            const MIN_ROLE: $crate::access::Role = $crate::access::Role::$min_role;
        }
    };
}
