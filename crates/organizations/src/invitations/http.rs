//! The routes. Handlers parse, call one method of the service, and translate its answer.

use actix_web::{HttpRequest, HttpResponse, Responder, http::StatusCode, web};
use tenantry_core::{
    access::{Role, SessionCaller, TenantContext},
    http::{Access, Body, Field, FieldError, InvalidField, Json, Problem, Query, Routes, path_id},
    id::InvitationId,
    page::PageQuery,
    request,
    value::InvalidText,
};
use tenantry_users::Email;

use super::{ExpiresInDays, InvitationError, InvitationSecret, MaxUses, NewInvitation};
use crate::{InviteMembers, OrganizationsService};

type Organizations = web::Data<dyn OrganizationsService>;

pub(crate) fn routes() -> Routes {
    const INVITE: Access = Access::path_organization::<InviteMembers>();

    Routes::new()
        .list(
            "/api/organizations/{organization_id}/invitations",
            INVITE,
            list,
        )
        .post(
            "/api/organizations/{organization_id}/invitations",
            INVITE,
            invite,
        )
        .post(
            "/api/organizations/{organization_id}/invitations/{invitation_id}/resend",
            INVITE,
            resend,
        )
        .delete(
            "/api/organizations/{organization_id}/invitations/{invitation_id}",
            INVITE,
            revoke,
        )
        .post("/api/invitations/preview", Access::anyone(), preview)
        .post(
            "/api/invitations/accept",
            Access::user().by_session_only(),
            accept,
        )
}

/// Lets a number with bounds be a field of requests.
macro_rules! number_field {
    ($name:ty) => {
        impl Field for $name {
            fn parse(value: Json) -> Result<Self, FieldError> {
                let number = u32::parse(value)?;
                Self::try_from(number).map_err(|rule| FieldError::new(rule.0))
            }
        }
    };
}

number_field!(ExpiresInDays);
number_field!(MaxUses);

request! {
    /// An invitation to be sent.
    struct Invite {
        email: Option<Email>,
        role: Role,
        expires_in_days: Option<ExpiresInDays>,
        max_uses: Option<MaxUses>,
    }
}

impl Invite {
    fn parsed(self) -> Result<NewInvitation, Problem> {
        let new = match (self.email, self.max_uses) {
            (Some(email), None) => NewInvitation::addressed(email, self.role),
            (Some(_), Some(_)) => {
                return Err(invalid("/max_uses", InvalidText("is for links alone")));
            }
            (None, max_uses) => NewInvitation::link(self.role, max_uses.unwrap_or_default())
                .map_err(|rule| invalid("/role", rule))?,
        };
        Ok(new.expiring_in(self.expires_in_days.unwrap_or_default()))
    }
}

/// Two fields that don't go together.
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
    struct Token {
        token: InvitationSecret,
    }
}

async fn list(
    ctx: TenantContext,
    Query(query): Query<PageQuery>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let page = organizations.invitations(&ctx, &query.into()).await?;
    Ok(web::Json(page))
}

async fn invite(
    ctx: TenantContext,
    Body(body): Body<Invite>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let sent = organizations.invite(&ctx, body.parsed()?).await?;
    Ok(HttpResponse::Created().json(sent))
}

async fn resend(
    ctx: TenantContext,
    request: HttpRequest,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let sent = organizations.resend(&ctx, named(&request)?).await?;
    Ok(web::Json(sent))
}

async fn revoke(
    ctx: TenantContext,
    request: HttpRequest,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    organizations.revoke(&ctx, named(&request)?).await?;
    Ok(HttpResponse::NoContent())
}

async fn preview(
    Body(body): Body<Token>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    Ok(web::Json(organizations.preview(&body.token).await?))
}

async fn accept(
    caller: SessionCaller,
    Body(body): Body<Token>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    Ok(web::Json(organizations.accept(&caller, &body.token).await?))
}

fn named(request: &HttpRequest) -> Result<InvitationId, InvitationError> {
    path_id(request, "invitation_id").or(InvitationError::NotFound)
}
