//! The routes. Handlers parse, call one method of the service, and translate its answer.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_session::Session as Cookie;
use actix_web::{
    FromRequest, HttpMessage as _, HttpRequest, HttpResponse, Responder, dev::Payload,
    http::header, web,
};
use serde::Serialize;
use tenantry_core::{
    access::{Caller, SessionCaller},
    http::{Access, Body, PathId, Problem, Query, RequestId, Routes},
    id::{SessionId, UserId},
    page::{PageQuery, PageRequest},
    request, text_field,
    value::Name,
};

use crate::{
    Email, Login, Password, PasswordChange, TypedPassword, User, UsersError, UsersService, Visitor,
    session::{carry, take_back},
};

type Users = web::Data<dyn UsersService>;

/// The module's routes.
#[must_use]
pub fn routes() -> Routes {
    const ANYONE: Access = Access::anyone();
    // A token is for one organization. The account, and what protects it, is more than that.
    const SESSION: Access = Access::user().by_session_only();

    Routes::new()
        .post("/api/auth/login", ANYONE, log_in)
        .post("/api/auth/logout", SESSION, log_out)
        .patch("/api/auth/me", SESSION, rename)
        .post("/api/auth/password", SESSION, change_password)
        .list("/api/auth/sessions", SESSION, list_sessions)
        .delete("/api/auth/sessions/{id}", SESSION, end_session)
}

text_field!(Password);
text_field!(TypedPassword);

request! {
    /// Who wants to be let in.
    struct LogIn {
        email: Email,
        password: TypedPassword,
    }
}

request! {
    /// What to change of one's own account.
    struct Rename {
        name: Name,
    }
}

request! {
    /// A password to be replaced.
    struct ChangePassword {
        current_password: TypedPassword,
        new_password: Password,
    }
}

/// An account as its owner reads it.
#[derive(Debug, Serialize)]
pub struct Profile {
    id: UserId,
    email: Email,
    name: Name,
    is_superuser: bool,
}

impl From<User> for Profile {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            is_superuser: user.is_superuser,
        }
    }
}

impl FromRequest for Visitor {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user_agent = request.headers().get(header::USER_AGENT);
        ready(Ok(Self {
            request: request.extensions().get().map(|RequestId(id)| *id),
            user_agent: user_agent.and_then(|text| text.to_str().ok()?.parse().ok()),
        }))
    }
}

async fn log_in(
    visitor: Visitor,
    cookie: Cookie,
    Body(body): Body<LogIn>,
    users: Users,
) -> Result<impl Responder, Problem> {
    let login = Login {
        email: body.email,
        password: body.password,
    };
    let signed_in = users.sign_in(login, visitor).await?;
    carry(&cookie, &signed_in.key);
    Ok(web::Json(Profile::from(signed_in.user)))
}

async fn log_out(
    caller: SessionCaller,
    cookie: Cookie,
    users: Users,
) -> Result<impl Responder, Problem> {
    users.sign_out(&caller).await?;
    take_back(&cookie);
    Ok(HttpResponse::NoContent())
}

async fn rename(
    caller: Caller,
    Body(body): Body<Rename>,
    users: Users,
) -> Result<impl Responder, Problem> {
    let user = users.rename(&caller, body.name).await?;
    Ok(web::Json(Profile::from(user)))
}

async fn change_password(
    caller: SessionCaller,
    Body(body): Body<ChangePassword>,
    users: Users,
) -> Result<impl Responder, Problem> {
    let change = PasswordChange {
        current: body.current_password,
        new: body.new_password,
    };
    users.change_password(&caller, change).await?;
    Ok(HttpResponse::NoContent())
}

async fn list_sessions(
    caller: Caller,
    Query(query): Query<PageQuery>,
    users: Users,
) -> Result<impl Responder, Problem> {
    let page = users.sessions(&caller, &PageRequest::from(query)).await?;
    Ok(web::Json(page))
}

async fn end_session(
    caller: Caller,
    id: PathId<SessionId>,
    cookie: Cookie,
    users: Users,
) -> Result<impl Responder, Problem> {
    let id = id.or(UsersError::UnknownSession)?;
    users.end_session(&caller, id).await?;
    if caller.session() == Some(id) {
        take_back(&cookie);
    }
    Ok(HttpResponse::NoContent())
}
