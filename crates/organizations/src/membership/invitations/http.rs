//! The routes of invitations.

use actix_web::{http::StatusCode, web};
use serde_json::json;
use tenantry_core::{
    access::{AccessError, Role, SessionCaller, TenantContext},
    event::DomainEvent as _,
    id::InvitationId,
    input::{InputField, InvalidField, Json, ValidationErrors},
    page::{Page, PageRequest, PageSize},
    request,
    value::InvalidText,
};
use tenantry_domain_events::events::organizations::{
    InvitationAccepted, InvitationResent, InvitationRevoked, InvitationSent, UserJoinedOrganization,
};
use tenantry_http::{
    Access, Authorized, Body, Created, NoContent, PathId, Problem, Query, RateLimit, RateLimiter,
    Routes,
};
use tenantry_users::Email;

use super::{
    error::InvitationError,
    model::{
        ExpiresInDays, Invitation, InvitationPreview, InvitationStatus, MaxUses, Membership,
        NewInvitation, SentInvitation,
    },
    secret::InvitationSecret,
    service::InvitationsService,
};
use crate::{error::OrganizationsError, permissions::InviteMembers};

/// Invitations that an organization sends or resends.
pub const INVITATIONS: RateLimit = RateLimit("invitations of the organization");

type Invitations = web::Data<dyn InvitationsService>;

pub(crate) fn routes() -> Routes {
    const INVITE: Access = Access::path_organization::<InviteMembers>();

    Routes::new()
        .list(
            "/api/organizations/{organization_id}/invitations",
            INVITE,
            list,
        )
        .operation(
            "list_invitations",
            "An organization's invitations, without their secrets",
        )
        .post(
            "/api/organizations/{organization_id}/invitations",
            INVITE,
            invite,
        )
        .operation(
            "create_invitation",
            "Invite a person; only this response contains the link",
        )
        .sample(|values| {
            let email = format!("invited-{}@example.com", values.number);
            json!({"email": email, "role": "viewer"})
        })
        .records(&[InvitationSent::NAME])
        .errors([
            OrganizationsError::AlreadyMember,
            OrganizationsError::SeatLimitReached,
        ])
        .post(
            "/api/organizations/{organization_id}/invitations/{invitation_id}/resend",
            INVITE,
            resend,
        )
        .operation(
            "resend_invitation",
            "Issue a new secret for an invitation; the old one becomes invalid",
        )
        .records(&[InvitationResent::NAME])
        .errors([
            InvitationError::NotFound,
            InvitationError::Revoked,
            InvitationError::Declined,
            InvitationError::Used,
            InvitationError::IsLink,
        ])
        .errors([OrganizationsError::AlreadyMember])
        .delete(
            "/api/organizations/{organization_id}/invitations/{invitation_id}",
            INVITE,
            revoke,
        )
        .operation("revoke_invitation", "Revoke an invitation")
        .records(&[InvitationRevoked::NAME])
        .errors([InvitationError::NotFound, InvitationError::Used])
        .post("/api/invitations/preview", Access::anyone(), preview)
        .operation("preview_invitation", "Show an invitation without using it")
        .sample(|values| json!({"token": values.ids[0]}))
        .records(&[])
        .errors(InvitationError::REDEEM_ERRORS)
        .post(
            "/api/invitations/accept",
            Access::user().session_only().or_unverified(),
            accept,
        )
        .operation("accept_invitation", "Accept an invitation")
        .sample(|values| json!({"token": values.ids[0]}))
        .records(&[UserJoinedOrganization::NAME, InvitationAccepted::NAME])
        .errors(InvitationError::REDEEM_ERRORS)
        .errors([AccessError::EmailNotVerified])
        .errors([
            OrganizationsError::OrganizationLimitReached(0),
            OrganizationsError::AlreadyMember,
            OrganizationsError::SeatLimitReached,
        ])
}

/// Counts an invitation that the organization sends or resends.
///
/// # Errors
/// A 429, when there were too many.
pub fn count_invitation(throttle: &RateLimiter, ctx: &TenantContext) -> Result<(), Problem> {
    throttle.check_key(INVITATIONS, ctx.organization())
}

/// Makes a bounded number a field of requests.
macro_rules! number_field {
    ($name:ty) => {
        impl InputField for $name {
            fn parse(value: Json) -> Result<Self, ValidationErrors> {
                let number = u32::parse(value)?;
                Self::try_from(number).map_err(|rule| ValidationErrors::new(rule.0))
            }

            fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
                let number = u32::parse_text(text)?;
                Self::try_from(number).map_err(|rule| ValidationErrors::new(rule.0))
            }
        }
    };
}

number_field!(ExpiresInDays);
number_field!(MaxUses);

request! {
    /// Which invitations to list.
    struct InvitationsQuery {
        /// Only those with this status.
        status: Option<InvitationStatus>,
        /// The page size.
        limit: Option<PageSize>,
        /// The cursor of the previous page.
        cursor: Option<String>,
    }
}

request! {
    /// An invitation to send.
    struct CreateInvitation {
        /// The recipient's address; if absent, anyone with the link can accept.
        email: Option<Email>,
        /// The role of the new member; member or viewer for a link.
        role: Role,
        /// Its lifetime in days.
        expires_in_days: Option<ExpiresInDays>,
        /// How many people can join with a link.
        max_uses: Option<MaxUses>,
    }
}

impl CreateInvitation {
    fn parsed(self) -> Result<NewInvitation, Problem> {
        let new = match (self.email, self.max_uses) {
            (Some(email), None) => NewInvitation::addressed(email, self.role),
            (Some(_), Some(_)) => {
                return Err(invalid("/max_uses", InvalidText("is for links only")));
            }
            (None, max_uses) => NewInvitation::link(self.role, max_uses.unwrap_or_default())
                .map_err(|rule| invalid("/role", rule))?,
        };
        Ok(new.expiring_in(self.expires_in_days.unwrap_or_default()))
    }
}

/// The error for fields that can't be combined.
fn invalid(pointer: &str, InvalidText(message): InvalidText) -> Problem {
    let field = InvalidField {
        pointer: pointer.to_owned(),
        message: message.into(),
    };
    Problem::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "validation_failed",
        "some fields are not valid",
    )
    .with_errors(vec![field])
}

request! {
    /// The secret of an invitation. In the body, because paths are logged.
    struct InvitationToken {
        /// The secret.
        token: InvitationSecret,
    }
}

async fn list(
    Authorized(ctx): Authorized<TenantContext>,
    Query(query): Query<InvitationsQuery>,
    invitations: Invitations,
) -> Result<web::Json<Page<Invitation>>, Problem> {
    let request = PageRequest {
        limit: query.limit.unwrap_or_default(),
        cursor: query.cursor,
    };
    let page = invitations.invitations_with(&ctx, query.status, &request);
    let page = page.await?;
    Ok(web::Json(page))
}

async fn invite(
    Authorized(ctx): Authorized<TenantContext>,
    throttle: RateLimiter,
    Body(body): Body<CreateInvitation>,
    invitations: Invitations,
) -> Result<Created<SentInvitation>, Problem> {
    let new = body.parsed()?;
    count_invitation(&throttle, &ctx)?;
    let sent = invitations.invite(&ctx, new).await?;
    Ok(Created::new(sent))
}

async fn resend(
    Authorized(ctx): Authorized<TenantContext>,
    throttle: RateLimiter,
    id: PathId<InvitationId>,
    invitations: Invitations,
) -> Result<web::Json<SentInvitation>, Problem> {
    let id = id.or(InvitationError::NotFound)?;
    count_invitation(&throttle, &ctx)?;
    let sent = invitations.resend(&ctx, id).await?;
    Ok(web::Json(sent))
}

async fn revoke(
    Authorized(ctx): Authorized<TenantContext>,
    id: PathId<InvitationId>,
    invitations: Invitations,
) -> Result<NoContent, Problem> {
    let id = id.or(InvitationError::NotFound)?;
    invitations.revoke(&ctx, id).await?;
    Ok(NoContent)
}

async fn preview(
    Body(body): Body<InvitationToken>,
    invitations: Invitations,
) -> Result<web::Json<InvitationPreview>, Problem> {
    Ok(web::Json(invitations.preview(&body.token).await?))
}

async fn accept(
    Authorized(caller): Authorized<SessionCaller>,
    Body(body): Body<InvitationToken>,
    invitations: Invitations,
) -> Result<web::Json<Membership>, Problem> {
    Ok(web::Json(invitations.accept(&caller, &body.token).await?))
}
