//! The roles, in words.

use tenantry_core::access::Role;

pub(crate) const fn role_word(role: &Role) -> &'static str {
    match role {
        Role::Viewer => "Viewer",
        Role::Member => "Member",
        Role::Admin => "Admin",
        Role::Owner => "Owner",
    }
}
