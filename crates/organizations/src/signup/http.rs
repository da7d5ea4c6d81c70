//! The route.

use actix_session::Session as Cookie;
use actix_web::{HttpResponse, Responder, web};
use tenantry_core::{
    http::{Access, Body, Problem, Routes},
    request,
    value::Name,
};
use tenantry_users::{Email, NewAccount, Password, Profile, Visitor, carry};

use crate::{InvitationSecret, OrganizationsService};

pub(crate) fn routes() -> Routes {
    Routes::new().post("/api/auth/signup", Access::anyone(), sign_up)
}

request! {
    /// An account to be made.
    struct SignUp {
        email: Email,
        password: Password,
        name: Name,
        invitation_token: Option<InvitationSecret>,
    }
}

async fn sign_up(
    visitor: Visitor,
    cookie: Cookie,
    Body(body): Body<SignUp>,
    organizations: web::Data<dyn OrganizationsService>,
) -> Result<impl Responder, Problem> {
    let account = NewAccount {
        email: body.email,
        name: body.name,
        password: body.password,
    };
    let signed_in = organizations
        .sign_up(account, body.invitation_token, visitor)
        .await?;
    carry(&cookie, &signed_in.key);
    Ok(HttpResponse::Created().json(Profile::from(signed_in.user)))
}
