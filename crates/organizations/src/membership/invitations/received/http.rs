//! The routes of the invitations that a person received.

use actix_web::web;
use tenantry_core::{
    access::SessionCaller,
    event::DomainEvent as _,
    id::InvitationId,
    page::{Page, PageQuery, PageRequest},
};
use tenantry_domain_events::events::organizations::{
    InvitationAccepted, InvitationDeclined, UserJoinedOrganization,
};
use tenantry_http::{Access, Authorized, NoContent, PathId, Problem, Query, Routes};

use super::{
    super::{
        error::InvitationError,
        model::{Membership, ReceivedInvitation},
    },
    service::ReceivedInvitationsService,
};
use crate::error::OrganizationsError;

type Received = web::Data<dyn ReceivedInvitationsService>;

pub(crate) fn routes() -> Routes {
    const SESSION: Access = Access::user().session_only();

    Routes::new()
        .list("/api/invitations", SESSION, list)
        .operation(
            "list_received_invitations",
            "The pending invitations to the caller's own confirmed address",
        )
        .post("/api/invitations/{invitation_id}/accept", SESSION, accept)
        .operation(
            "accept_received_invitation",
            "Accept an invitation to one's own confirmed address",
        )
        .records(&[UserJoinedOrganization::NAME, InvitationAccepted::NAME])
        .errors(InvitationError::ANSWER_ERRORS)
        .errors([
            OrganizationsError::OrganizationLimitReached(0),
            OrganizationsError::AlreadyMember,
            OrganizationsError::SeatLimitReached,
        ])
        .post("/api/invitations/{invitation_id}/decline", SESSION, decline)
        .operation(
            "decline_invitation",
            "Decline an invitation to one's own confirmed address",
        )
        .records(&[InvitationDeclined::NAME])
        .errors(InvitationError::ANSWER_ERRORS)
}

async fn list(
    Authorized(caller): Authorized<SessionCaller>,
    Query(query): Query<PageQuery>,
    invitations: Received,
) -> Result<web::Json<Page<ReceivedInvitation>>, Problem> {
    let request = PageRequest::from(query);
    let page = invitations.received(&caller, &request).await?;
    Ok(web::Json(page))
}

async fn accept(
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<InvitationId>,
    invitations: Received,
) -> Result<web::Json<Membership>, Problem> {
    let id = id.or(InvitationError::NotFound)?;
    Ok(web::Json(invitations.accept_received(&caller, id).await?))
}

async fn decline(
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<InvitationId>,
    invitations: Received,
) -> Result<NoContent, Problem> {
    let id = id.or(InvitationError::NotFound)?;
    invitations.decline(&caller, id).await?;
    Ok(NoContent)
}
