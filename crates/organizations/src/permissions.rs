//! The permissions of the module.

use tenantry_core::{
    access::{Permission as _, PermissionInfo, Role, TenantContext},
    permission,
};

permission!(
    /// See the organization and its members.
    ViewOrganization = "organizations.view", Viewer
);
permission!(
    /// Change the organization itself.
    ManageOrganization = "organizations.manage", Admin
);

permission!(
    /// Invite people, and see and revoke invitations.
    InviteMembers = "organizations.invite_members", Admin
);
permission!(
    /// Change the roles of members, and remove members.
    ManageMembers = "organizations.manage_members", Admin
);
permission!(
    /// See the organization's usage and limits.
    ViewBilling = "organizations.view_billing", Admin
);
permission!(
    /// Transfer the organization to another member.
    TransferOrganization = "organizations.transfer", Owner
);
permission!(
    /// Delete the organization.
    DeleteOrganization = "organizations.delete", Owner
);
permission!(
    /// Require a second factor of every member, or no longer.
    RequireSecondFactor = "organizations.require_second_factor", Owner
);

/// Whether a member with the role `own` may grant the role `given` by an invitation.
pub(crate) fn may_grant(own: Role, given: Role) -> bool {
    own >= InviteMembers::MIN_ROLE && own.is_at_least(given)
}

/// The roles that the context's member may give, lowest first.
#[must_use]
pub fn grantable_roles(ctx: &TenantContext) -> Vec<Role> {
    let own = ctx.role();
    let all = Role::ALL.into_iter();
    all.filter(|given| may_grant(own, *given)).collect()
}

/// Every permission of this module.
pub const PERMISSIONS: &[PermissionInfo] = &[
    ViewOrganization::INFO,
    ManageOrganization::INFO,
    InviteMembers::INFO,
    ManageMembers::INFO,
    ViewBilling::INFO,
    TransferOrganization::INFO,
    DeleteOrganization::INFO,
    RequireSecondFactor::INFO,
];
