//! The route.

use actix_web::web;
use serde_json::json;
use tenantry_core::{event::DomainEvent as _, request, value::Name};
use tenantry_domain_events::events::users::UserRegistered;
use tenantry_http::{Access, Body, Created, Problem, RateLimit, RateLimiter, Routes};
use tenantry_users::{ClientInfo, Email, NewAccount, Password, Profile, SessionCookie, UsersError};

use super::service::SignupService;
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

async fn sign_up(
    client: ClientInfo,
    throttle: RateLimiter,
    cookie: SessionCookie,
    Body(body): Body<SignUp>,
    signup: web::Data<dyn SignupService>,
) -> Result<Created<Profile>, Problem> {
    throttle.check_address(SIGNUPS)?;
    let account = NewAccount {
        email: body.email,
        name: body.name,
        password: body.password,
    };
    let session = signup
        .sign_up(account, body.invitation_token, client)
        .await?;
    cookie.set(&session);
    Ok(Created::new(Profile::from(session.user)))
}
