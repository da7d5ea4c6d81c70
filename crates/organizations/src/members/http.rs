//! The routes of members.

use actix_web::web;
use tenantry_core::{
    access::{Role, TenantContext},
    id::MembershipId,
    request,
};
use tenantry_http::{Access, Authorized, Body, NoContent, PathId, Problem, Routes};

use crate::{
    ManageMembers, Member, OrganizationsError, OrganizationsService, TransferOrganization,
    ViewOrganization,
};

type Organizations = web::Data<dyn OrganizationsService>;

pub(crate) fn routes() -> Routes {
    const VIEW: Access = Access::path_organization::<ViewOrganization>();
    const MANAGE: Access = Access::path_organization::<ManageMembers>();
    const TRANSFER: Access = Access::path_organization::<TransferOrganization>();
    const MEMBER: &str = "/api/organizations/{organization_id}/members/{member_id}";

    Routes::new()
        .patch(MEMBER, MANAGE, set_role)
        .operation("set_member_role", "Change a member's role")
        .errors([
            OrganizationsError::MemberNotFound,
            OrganizationsError::LastOwner,
            OrganizationsError::OwnerInactive,
        ])
        .delete(MEMBER, MANAGE, remove)
        .operation("remove_member", "Remove a member")
        .errors([
            OrganizationsError::MemberNotFound,
            OrganizationsError::LastOwner,
        ])
        .post("/api/organizations/{organization_id}/leave", VIEW, leave)
        .operation("leave_organization", "Leave an organization")
        .errors([OrganizationsError::LastOwner])
        .post(
            "/api/organizations/{organization_id}/transfer",
            TRANSFER,
            transfer,
        )
        .operation(
            "transfer_organization",
            "Make another member the owner; the caller becomes an admin",
        )
        .errors([
            OrganizationsError::MemberNotFound,
            OrganizationsError::TransferToOneself,
            OrganizationsError::OwnerInactive,
        ])
}

request! {
    /// A new role.
    struct SetMemberRole {
        /// The member's new role.
        role: Role,
    }
}

request! {
    /// The new owner.
    struct TransferOrganizationTo {
        /// The new owner's membership.
        member_id: MembershipId,
    }
}

async fn set_role(
    Authorized(ctx): Authorized<TenantContext>,
    member: PathId<MembershipId>,
    Body(body): Body<SetMemberRole>,
    organizations: Organizations,
) -> Result<web::Json<Member>, Problem> {
    let member = member.or(OrganizationsError::MemberNotFound)?;
    let member = organizations.set_role(&ctx, member, body.role).await?;
    Ok(web::Json(member))
}

async fn remove(
    Authorized(ctx): Authorized<TenantContext>,
    member: PathId<MembershipId>,
    organizations: Organizations,
) -> Result<NoContent, Problem> {
    let member = member.or(OrganizationsError::MemberNotFound)?;
    organizations.remove(&ctx, member).await?;
    Ok(NoContent)
}

async fn leave(
    Authorized(ctx): Authorized<TenantContext>,
    organizations: Organizations,
) -> Result<NoContent, Problem> {
    organizations.leave(&ctx).await?;
    Ok(NoContent)
}

async fn transfer(
    Authorized(ctx): Authorized<TenantContext>,
    Body(body): Body<TransferOrganizationTo>,
    organizations: Organizations,
) -> Result<web::Json<Member>, Problem> {
    let owner = organizations.transfer(&ctx, body.member_id).await?;
    Ok(web::Json(owner))
}
