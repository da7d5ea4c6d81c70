//! Would make any user a member, or a member an owner.

use tenantry_core::{
    access::{Actor, Role, SecondFactor, TenantContext},
    id::{OrganizationId, UserId},
};

fn way_out(organization: OrganizationId, user: UserId, ctx: TenantContext) {
    let role = Role::Owner;
    let _ = TenantContext {
        organization,
        user,
        role,
        actor: Actor::system(),
        has_no_quota: true,
        second_factor: SecondFactor::CheckedRecently,
    };
    let _ = TenantContext { role, ..ctx };
}

fn main() {}
