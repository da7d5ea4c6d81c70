//! The route.

use actix_web::{HttpRequest, HttpResponse, Responder, body::BoxBody, http::StatusCode, web};
use serde_json::json;
use tenantry_core::{event::DomainEvent as _, request, value::Name};
use tenantry_domain_events::events::users::UserRegistered;
use tenantry_http::{
    Accepted, Access, Body, Created, Problem, RateLimit, RateLimiter, Routes,
    openapi::{DescribeOutput, Operation},
};
use tenantry_users::{
    ClientInfo, Email, MailRequested, NewAccount, Password, Profile, SessionCookie, UsersError,
};

use super::{model::SignedUp, service::SignupService};
use crate::{
    error::OrganizationsError,
    membership::invitations::{error::InvitationError, secret::InvitationSecret},
};

/// Signups, successful or not, per client address.
pub const SIGNUPS: RateLimit = RateLimit("attempts to sign up");

pub(crate) fn routes() -> Routes {
    Routes::new()
        .post("/api/auth/signup", Access::anyone(), sign_up)
        .operation("sign_up", "Create an account and start a session")
        .sample(|values| {
            let email = format!("new-user-{}@example.com", values.number);
            json!({"email": email, "password": values.password, "name": "New user"})
        })
        .records(&[UserRegistered::NAME])
        .errors([UsersError::EmailTaken, UsersError::Busy])
        .errors([
            OrganizationsError::SignupByInvitationOnly,
            OrganizationsError::SeatLimitReached,
            OrganizationsError::DedicatedMissing,
        ])
        .errors(InvitationError::REDEEM_ERRORS)
}

request! {
    /// An account to create.
    struct SignUp {
        /// The account's e-mail address.
        email: Email,
        /// Its password.
        password: Password,
        /// The person's name.
        name: Name,
        /// The secret of an invitation to accept with it.
        invitation_token: Option<InvitationSecret>,
    }
}

/// A new session, or where a confirmed address is required, the same answer for every address.
enum SignUpAnswer {
    Created(Created<Profile>),
    Accepted(Accepted<MailRequested>),
}

impl Responder for SignUpAnswer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Created(created) => created.respond_to(request),
            Self::Accepted(accepted) => accepted.respond_to(request),
        }
    }
}

impl DescribeOutput for SignUpAnswer {
    fn describe(operation: &mut Operation<'_>) {
        Created::<Profile>::describe(operation);
        operation.other_response::<MailRequested>(StatusCode::ACCEPTED);
    }
}

async fn sign_up(
    client: ClientInfo,
    throttle: RateLimiter,
    cookie: SessionCookie,
    Body(body): Body<SignUp>,
    signup: web::Data<dyn SignupService>,
) -> Result<SignUpAnswer, Problem> {
    throttle.check_address(SIGNUPS)?;
    let account = NewAccount {
        email: body.email,
        name: body.name,
        password: body.password,
    };
    let signed_up = signup.sign_up(account, body.invitation_token, client);
    Ok(match signed_up.await? {
        SignedUp::SignedIn(session) => {
            cookie.set(&session);
            SignUpAnswer::Created(Created::new(Profile::from(session.user)))
        }
        SignedUp::VerificationSent => SignUpAnswer::Accepted(Accepted(MailRequested::VERIFICATION)),
    })
}
