//! The routes. Handlers parse, call one method of the service, and translate its result.

use std::{
    convert::Infallible,
    future::{Ready, ready},
};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, http::header, web};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tenantry_core::{
    access::{AccessError, Caller, SessionCaller},
    event::DomainEvent as _,
    id::{SessionId, UserId},
    page::{Page, PageQuery, PageRequest},
    request,
    value::Name,
};
use tenantry_domain_events::events::users::{
    PasswordChanged, SessionEnded, UserRenamed, UserSignedIn,
};
use tenantry_http::{
    Access, Authorized, Body, ClientAddress, NoContent, PathId, Problem, Query, RateLimiter,
    RequestId, Routes,
    openapi::{DescribeInput, Operation},
};

use crate::{
    ACCOUNT_LOGINS, ClientInfo, Email, FactorMethod, LOGINS, Login, LoginAttempt, LoginOutcome,
    Password, PasswordChange, PasswordInput, PendingLoginCookie, Session, SessionCookie, User,
    UsersError, UsersService,
};

type Users = web::Data<dyn UsersService>;

/// The module's routes.
#[must_use]
pub(crate) fn routes() -> Routes {
    const ANYONE: Access = Access::anyone();
    // A token is restricted to one organization; the account reaches further.
    const SESSION: Access = Access::user().session_only().or_unverified();

    Routes::new()
        .tag("auth", "Accounts, sessions and passwords")
        .post("/api/auth/login", ANYONE, log_in)
        .operation(
            "log_in",
            "Begin a session, or learn that the second factor is asked for",
        )
        .sample(|values| json!({"email": values.email, "password": values.password}))
        .records(&[UserSignedIn::NAME])
        .errors([UsersError::InvalidCredentials, UsersError::Busy])
        .post("/api/auth/logout", SESSION, log_out)
        .operation("log_out", "End the session")
        .records(&[SessionEnded::NAME])
        .patch("/api/auth/me", SESSION, rename)
        .operation("rename_me", "Change one's own name")
        .sample(|values| json!({"name": values.another_text()}))
        .records(&[UserRenamed::NAME])
        .post("/api/auth/password", SESSION, change_password)
        .operation(
            "change_password",
            "Change one's own password; all other sessions and tokens end",
        )
        .sample(
            |values| json!({"current_password": values.password, "new_password": values.password}),
        )
        .records(&[PasswordChanged::NAME])
        .errors([UsersError::WrongPassword, UsersError::Busy])
        .errors([AccessError::SecondFactorRequired])
        .list("/api/auth/sessions", SESSION, list_sessions)
        .operation("list_sessions", "One's own sessions")
        .delete("/api/auth/sessions/{id}", SESSION, end_session)
        .operation("end_session", "End one of one's own sessions")
        .records(&[SessionEnded::NAME])
        .errors([UsersError::UnknownSession])
}

request! {
    /// The credentials of a sign-in.
    struct LogIn {
        /// The account's address.
        email: Email,
        /// Its password.
        password: PasswordInput,
    }
}

request! {
    /// What to change of the caller's account.
    struct RenameMe {
        /// The new name.
        name: Name,
    }
}

request! {
    /// A change of password.
    struct ChangePassword {
        /// The current password.
        current_password: PasswordInput,
        /// The new password.
        new_password: Password,
    }
}

/// An account as its owner sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Profile {
    /// The account's id.
    id: UserId,
    /// Its address.
    email: Email,
    /// Whether its owner confirmed the address.
    email_verified: bool,
    /// The person's name.
    name: Name,
    /// Whether the person is a superuser.
    is_superuser: bool,
}

/// A session, or what the login asks for next.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum LoginAnswer {
    /// There is a session.
    SignedIn(Profile),
    /// The second factor is asked for.
    SecondFactorRequired(MfaRequired),
}

/// The password was right, and the account has a second factor.
#[derive(Serialize, JsonSchema)]
struct MfaRequired {
    /// That there is no session yet.
    status: MfaStatus,
    /// What completes the login.
    methods: Vec<FactorMethod>,
}

/// That there is no session yet.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MfaStatus {
    /// Send a code to `POST /api/auth/login/mfa` within five minutes.
    MfaRequired,
}

impl From<User> for Profile {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            email_verified: user.email_verified,
            name: user.name,
            is_superuser: user.is_superuser,
        }
    }
}

impl FromRequest for ClientInfo {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let user_agent = request.headers().get(header::USER_AGENT);
        ready(Ok(Self {
            request: request.extensions().get().map(|RequestId(id)| *id),
            user_agent: user_agent.and_then(|text| text.to_str().ok()?.parse().ok()),
            address: request.extensions().get().map(ClientAddress::ip),
        }))
    }
}

impl DescribeInput for ClientInfo {
    fn describe(_: &mut Operation<'_>) {}
}

/// Counts a check of the caller's own password: a stolen session must not allow guessing it.
///
/// # Errors
/// A 429, when there were too many.
pub fn count_password_check(throttle: &RateLimiter, caller: &Caller) -> Result<(), Problem> {
    throttle.check_key(LOGINS, ("password of", caller.user()))
}

/// Counts a check of a code of the caller's second factor: six digits are guessed sooner than a password.
///
/// # Errors
/// A 429, when there were too many.
pub fn count_code_check(throttle: &RateLimiter, caller: &Caller) -> Result<(), Problem> {
    throttle.check_key(ACCOUNT_LOGINS, ("second factor of", caller.user()))
}

async fn log_in(
    client: ClientInfo,
    attempt: LoginAttempt,
    cookie: SessionCookie,
    pending: PendingLoginCookie,
    Body(body): Body<LogIn>,
    users: Users,
) -> Result<web::Json<LoginAnswer>, Problem> {
    attempt.count(&body.email)?;
    let login = Login {
        email: body.email,
        password: body.password,
    };
    Ok(web::Json(match users.sign_in(login, client).await? {
        LoginOutcome::SignedIn(signed_in) => {
            cookie.set(&signed_in);
            LoginAnswer::SignedIn(signed_in.user.into())
        }
        LoginOutcome::SecondFactorRequired(login) => {
            pending.set(&login);
            LoginAnswer::SecondFactorRequired(MfaRequired {
                status: MfaStatus::MfaRequired,
                methods: login.methods,
            })
        }
    }))
}

async fn log_out(
    Authorized(caller): Authorized<SessionCaller>,
    cookie: SessionCookie,
    users: Users,
) -> Result<NoContent, Problem> {
    users.sign_out(&caller).await?;
    cookie.clear();
    Ok(NoContent)
}

async fn rename(
    Authorized(caller): Authorized<Caller>,
    Body(body): Body<RenameMe>,
    users: Users,
) -> Result<web::Json<Profile>, Problem> {
    let user = users.rename(&caller, body.name).await?;
    Ok(web::Json(Profile::from(user)))
}

async fn change_password(
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    Body(body): Body<ChangePassword>,
    users: Users,
) -> Result<NoContent, Problem> {
    count_password_check(&throttle, &caller)?;
    let change = PasswordChange {
        current: body.current_password,
        new: body.new_password,
    };
    users.change_password(&caller, change).await?;
    Ok(NoContent)
}

async fn list_sessions(
    Authorized(caller): Authorized<Caller>,
    Query(query): Query<PageQuery>,
    users: Users,
) -> Result<web::Json<Page<Session>>, Problem> {
    let page = users.sessions(&caller, &PageRequest::from(query)).await?;
    Ok(web::Json(page))
}

async fn end_session(
    Authorized(caller): Authorized<Caller>,
    id: PathId<SessionId>,
    cookie: SessionCookie,
    users: Users,
) -> Result<NoContent, Problem> {
    let id = id.or(UsersError::UnknownSession)?;
    users.end_session(&caller, id).await?;
    if caller.session() == Some(id) {
        cookie.clear();
    }
    Ok(NoContent)
}
