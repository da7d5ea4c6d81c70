//! The routes of members.

use actix_web::web;
use serde_json::json;
use tenantry_core::{
    access::{AccessError, Role, TenantContext},
    event::DomainEvent as _,
    id::MembershipId,
    page::{Page, PageRequest, PageSize},
    request,
    value::SearchText,
};
use tenantry_domain_events::events::organizations::{
    MemberRoleChanged, OwnershipTransferred, UserLeftOrganization,
};
use tenantry_http::{Access, Authorized, Body, NoContent, PathId, Problem, Query, Routes};

use super::service::MembersService;
use crate::{
    error::OrganizationsError,
    membership::model::{Member, MembersFilter},
    permissions::{ManageMembers, TransferOrganization, ViewOrganization},
};

type Members = web::Data<dyn MembersService>;

pub(crate) fn routes() -> Routes {
    const VIEW: Access = Access::path_organization::<ViewOrganization>();
    const MANAGE: Access = Access::path_organization::<ManageMembers>();
    const TRANSFER: Access = Access::path_organization::<TransferOrganization>();
    const MEMBER: &str = "/api/organizations/{organization_id}/members/{member_id}";

    Routes::new()
        .list(
            "/api/organizations/{organization_id}/members",
            VIEW,
            members,
        )
        .operation("list_members", "An organization's members")
        .patch(MEMBER, MANAGE, set_role)
        .operation("set_member_role", "Change a member's role")
        .sample(|_| json!({"role": "member"}))
        .records(&[MemberRoleChanged::NAME])
        .errors([
            OrganizationsError::MemberNotFound,
            OrganizationsError::LastOwner,
            OrganizationsError::OwnerInactive,
            OrganizationsError::OrganizationLimitReached(0),
        ])
        .delete(MEMBER, MANAGE, remove)
        .operation("remove_member", "Remove a member")
        .records(&[UserLeftOrganization::NAME])
        .errors([
            OrganizationsError::MemberNotFound,
            OrganizationsError::LastOwner,
        ])
        .post("/api/organizations/{organization_id}/leave", VIEW, leave)
        .operation("leave_organization", "Leave an organization")
        .records(&[UserLeftOrganization::NAME])
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
        .sample(|values| json!({"member_id": values.ids[0]}))
        .records(&[OwnershipTransferred::NAME])
        .errors([
            OrganizationsError::MemberNotFound,
            OrganizationsError::TransferToOneself,
            OrganizationsError::OwnerInactive,
            OrganizationsError::OrganizationLimitReached(0),
        ])
        .errors([AccessError::SecondFactorRequired])
}

request! {
    /// Which members to list.
    struct MembersQuery {
        /// Only those whose name or address contains this text, in any case.
        q: Option<SearchText>,
        /// Only those with this role.
        role: Option<Role>,
        /// Only those with an active account, or with a disabled one.
        is_active: Option<bool>,
        /// The page size.
        limit: Option<PageSize>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
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

async fn members(
    Authorized(ctx): Authorized<TenantContext>,
    Query(query): Query<MembersQuery>,
    members: Members,
) -> Result<web::Json<Page<Member>>, Problem> {
    let wanted = MembersFilter {
        text: query.q.map(SearchText::into_text),
        role: query.role,
        is_active: query.is_active,
    };
    let request = PageRequest {
        limit: query.limit.unwrap_or_default(),
        cursor: query.cursor,
    };
    Ok(web::Json(members.search(&ctx, &wanted, &request).await?))
}

async fn set_role(
    Authorized(ctx): Authorized<TenantContext>,
    member: PathId<MembershipId>,
    Body(body): Body<SetMemberRole>,
    members: Members,
) -> Result<web::Json<Member>, Problem> {
    let member = member.or(OrganizationsError::MemberNotFound)?;
    let member = members.set_role(&ctx, member, body.role).await?;
    Ok(web::Json(member))
}

async fn remove(
    Authorized(ctx): Authorized<TenantContext>,
    member: PathId<MembershipId>,
    members: Members,
) -> Result<NoContent, Problem> {
    let member = member.or(OrganizationsError::MemberNotFound)?;
    members.remove(&ctx, member).await?;
    Ok(NoContent)
}

async fn leave(
    Authorized(ctx): Authorized<TenantContext>,
    members: Members,
) -> Result<NoContent, Problem> {
    members.leave(&ctx).await?;
    Ok(NoContent)
}

async fn transfer(
    Authorized(ctx): Authorized<TenantContext>,
    Body(body): Body<TransferOrganizationTo>,
    members: Members,
) -> Result<web::Json<Member>, Problem> {
    let owner = members.transfer(&ctx, body.member_id).await?;
    Ok(web::Json(owner))
}
