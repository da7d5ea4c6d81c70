//! The routes of tokens. They need a session: a token could otherwise outlive its expiry by
//! creating another one.

use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tenantry_core::{
    access::{AccessError, SessionCaller},
    clock::Timestamp,
    event::DomainEvent as _,
    id::{OrganizationId, TokenId},
    input::InvalidField,
    page::{Page, PageQuery},
    request,
    value::Name,
};
use tenantry_domain_events::events::organizations::{TokenCreated, TokenRevoked};
use tenantry_http::{Access, Authorized, Body, Created, NoContent, PathId, Problem, Query, Routes};

use super::{
    model::{NewToken, Token},
    service::TokensService,
};
use crate::error::OrganizationsError;

type Tokens = web::Data<dyn TokensService>;

pub(crate) fn routes() -> Routes {
    const SESSION: Access = Access::user().session_only();

    Routes::new()
        .list("/api/tokens", SESSION, list)
        .operation("list_tokens", "The caller's tokens")
        .post("/api/tokens", SESSION, create)
        .operation(
            "create_token",
            "Create a token; only this response contains its secret",
        )
        .sample(|values| json!({"name": values.text, "organization_id": values.ids[0]}))
        .records(&[TokenCreated::NAME])
        .errors([
            OrganizationsError::NotFound,
            OrganizationsError::TooManyTokens,
        ])
        .errors([
            AccessError::SecondFactorRequired,
            AccessError::SecondFactorMissing,
        ])
        .delete("/api/tokens/{id}", SESSION, revoke)
        .operation("revoke_token", "Revoke a token")
        .records(&[TokenRevoked::NAME])
        .errors([OrganizationsError::TokenNotFound])
}

request! {
    /// A token to create.
    struct CreateToken {
        /// Its name.
        name: Name,
        /// The organization that it is limited to.
        organization_id: OrganizationId,
        /// When it expires; never if absent.
        expires_at: Option<Timestamp>,
    }
}

/// A token with its secret, which is in this response only.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IssuedToken")]
struct Issued {
    #[serde(flatten)]
    details: Token,
    /// The secret.
    token: String,
}

async fn list(
    Authorized(caller): Authorized<SessionCaller>,
    Query(query): Query<PageQuery>,
    tokens: Tokens,
) -> Result<web::Json<Page<Token>>, Problem> {
    let page = tokens.tokens(&caller, &query.into()).await?;
    Ok(web::Json(page))
}

async fn create(
    Authorized(caller): Authorized<SessionCaller>,
    Body(body): Body<CreateToken>,
    tokens: Tokens,
) -> Result<Created<Issued>, Problem> {
    let new = NewToken {
        name: body.name,
        organization: body.organization_id,
        expires_at: body.expires_at,
    };
    let made = tokens.create_token(&caller, new).await;
    let made = made.map_err(problem)?;
    Ok(Created::new(Issued {
        details: made.token,
        token: made.secret.expose().to_owned(),
    }))
}

async fn revoke(
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<TokenId>,
    tokens: Tokens,
) -> Result<NoContent, Problem> {
    let id = id.or(OrganizationsError::TokenNotFound)?;
    tokens.revoke_token(&caller, id).await?;
    Ok(NoContent)
}

/// Names the invalid field, which the service does not know.
fn problem(error: OrganizationsError) -> Problem {
    let field = matches!(error, OrganizationsError::TokenExpiryPast).then(|| InvalidField {
        pointer: "/expires_at".to_owned(),
        message: "must lie in the future".into(),
    });
    Problem::from(error).with_errors(field.into_iter().collect())
}
