//! The routes of tokens. A token can't reach them: it could make itself outlive its end.

use actix_web::{HttpResponse, Responder, web};
use serde::Serialize;
use tenantry_core::{
    access::SessionCaller,
    clock::Timestamp,
    http::{Access, Body, InvalidField, PathId, Problem, Query, Routes},
    id::{OrganizationId, TokenId},
    page::PageQuery,
    request,
    value::Name,
};

use super::{NewToken, Token};
use crate::{OrganizationsError, OrganizationsService};

type Organizations = web::Data<dyn OrganizationsService>;

pub(crate) fn routes() -> Routes {
    const SESSION: Access = Access::user().by_session_only();

    Routes::new()
        .list("/api/tokens", SESSION, list)
        .post("/api/tokens", SESSION, create)
        .delete("/api/tokens/{id}", SESSION, revoke)
}

request! {
    /// A token to be made.
    struct CreateToken {
        name: Name,
        organization_id: OrganizationId,
        expires_at: Option<Timestamp>,
    }
}

/// A token with its secret, which is in this answer and in no other.
#[derive(Serialize)]
struct Issued<'s> {
    #[serde(flatten)]
    about: Token,
    token: &'s str,
}

async fn list(
    caller: SessionCaller,
    Query(query): Query<PageQuery>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let page = organizations.tokens(&caller, &query.into()).await?;
    Ok(web::Json(page))
}

async fn create(
    caller: SessionCaller,
    Body(body): Body<CreateToken>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let new = NewToken {
        name: body.name,
        organization: body.organization_id,
        expires_at: body.expires_at,
    };
    let made = organizations.create_token(&caller, new).await;
    let made = made.map_err(problem)?;
    Ok(HttpResponse::Created().json(Issued {
        about: made.token,
        token: made.secret.expose(),
    }))
}

async fn revoke(
    caller: SessionCaller,
    id: PathId<TokenId>,
    organizations: Organizations,
) -> Result<impl Responder, Problem> {
    let id = id.or(OrganizationsError::TokenNotFound)?;
    organizations.revoke_token(&caller, id).await?;
    Ok(HttpResponse::NoContent())
}

/// The service knows the time, and the client wants to know the field.
fn problem(error: OrganizationsError) -> Problem {
    let field = matches!(error, OrganizationsError::TokenExpiryPast).then(|| InvalidField {
        pointer: "/expires_at".to_owned(),
        message: "must lie in the future".into(),
    });
    Problem::from(error).with_errors(field.into_iter().collect())
}
