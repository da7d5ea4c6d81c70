//! The members of an organization.

mod leave;
mod list;
mod member;
mod remove;
mod transfer;

use serde_json::json;
use tenantry_core::event::DomainEvent as _;
use tenantry_domain_events::events::organizations::{
    MemberRoleChanged, OwnershipTransferred, UserLeftOrganization,
};
use tenantry_http::{Access, Routes};
use tenantry_organizations::{ManageMembers, TransferOrganization, ViewOrganization};

pub(super) fn routes() -> Routes {
    const VIEW: Access = Access::slug_organization::<ViewOrganization>();
    const MANAGE: Access = Access::slug_organization::<ManageMembers>();
    const TRANSFER: Access = Access::slug_organization::<TransferOrganization>();

    Routes::new()
        .page("/o/{slug}/members", VIEW, list::show)
        .page("/o/{slug}/members/{member_id}", VIEW, member::show)
        .form("/o/{slug}/members/{member_id}", MANAGE, member::set_role)
        .sample(|_| json!({"role": "member"}))
        .records(&[MemberRoleChanged::NAME])
        .page("/o/{slug}/members/{member_id}/remove", MANAGE, remove::show)
        .form(
            "/o/{slug}/members/{member_id}/remove",
            MANAGE,
            remove::remove,
        )
        .records(&[UserLeftOrganization::NAME])
        .page(
            "/o/{slug}/members/{member_id}/transfer",
            TRANSFER,
            transfer::show,
        )
        .form(
            "/o/{slug}/members/{member_id}/transfer",
            TRANSFER,
            transfer::transfer,
        )
        .records(&[OwnershipTransferred::NAME])
        .page("/o/{slug}/members/leave", VIEW, leave::show)
        .form("/o/{slug}/members/leave", VIEW, leave::leave)
        .records(&[UserLeftOrganization::NAME])
}
