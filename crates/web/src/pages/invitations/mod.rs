//! The invitations into an organization.

mod invite;
mod list;
mod resend;
mod revoke;
mod sent;
mod status;

use serde_json::json;
use tenantry_core::event::DomainEvent as _;
use tenantry_domain_events::events::organizations::{
    InvitationResent, InvitationRevoked, InvitationSent,
};
use tenantry_http::{Access, Routes};
use tenantry_organizations::InviteMembers;

pub(super) fn routes() -> Routes {
    const INVITE: Access = Access::slug_organization::<InviteMembers>();

    Routes::new()
        .page("/o/{slug}/members/invitations", INVITE, list::show)
        .page("/o/{slug}/members/invite", INVITE, invite::show)
        .form("/o/{slug}/members/invite", INVITE, invite::by_address)
        .sample(|values| {
            let email = format!("invited-by-page-{}@example.com", values.number);
            json!({"email": email, "role": "viewer"})
        })
        .records(&[InvitationSent::NAME])
        .form("/o/{slug}/members/invite/link", INVITE, invite::by_link)
        .sample(|_| json!({"link_role": "viewer", "max_uses": "2"}))
        .records(&[InvitationSent::NAME])
        .form(
            "/o/{slug}/members/invitations/{invitation_id}/resend",
            INVITE,
            resend::resend,
        )
        .records(&[InvitationResent::NAME])
        .page(
            "/o/{slug}/members/invitations/{invitation_id}/revoke",
            INVITE,
            revoke::show,
        )
        .form(
            "/o/{slug}/members/invitations/{invitation_id}/revoke",
            INVITE,
            revoke::revoke,
        )
        .records(&[InvitationRevoked::NAME])
}
