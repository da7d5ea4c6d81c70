//! The routes of recovery and of addresses.

use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tenantry_core::{
    access::{AccessError, SessionCaller},
    event::DomainEvent as _,
    request,
};
use tenantry_domain_events::events::users::{EmailChangeRequested, EmailVerified, PasswordReset};
use tenantry_http::{Accepted, Access, Authorized, Body, NoContent, Problem, RateLimiter, Routes};

use super::{EmailChange, LinkSecret};
use crate::{
    ClientInfo, Email, LOGINS, Password, PasswordInput, UsersError, UsersService,
    count_password_check,
};

type Users = web::Data<dyn UsersService>;

pub(crate) fn routes() -> Routes {
    const ANYONE: Access = Access::anyone();
    const SESSION: Access = Access::user().session_only().or_unverified();

    Routes::new()
        .post("/api/auth/password/forgot", ANYONE, forgot)
        .operation(
            "forgot_password",
            "Have a link mailed that resets a password",
        )
        .sample(|values| json!({"email": values.email}))
        .records(&[])
        .post("/api/auth/password/reset", ANYONE, reset)
        .operation(
            "reset_password",
            "Set a new password with a mailed link; all sessions and tokens end",
        )
        .sample(|values| json!({"token": values.ids[0], "new_password": values.password}))
        .records(&[PasswordReset::NAME, EmailVerified::NAME])
        .errors([UsersError::DeadLink, UsersError::Busy])
        .post(
            "/api/auth/email/verification",
            SESSION,
            request_verification,
        )
        .operation(
            "request_verification",
            "Have a link mailed that confirms one's own address; an older link is dead",
        )
        .records(&[])
        .errors([UsersError::TooManyMails])
        .post("/api/auth/email/verify", ANYONE, verify)
        .operation("verify_email", "Confirm an address with a mailed link")
        .sample(|values| json!({"token": values.ids[0]}))
        .records(&[EmailVerified::NAME])
        .errors([UsersError::DeadLink, UsersError::EmailTaken])
        .post("/api/auth/email", SESSION, change)
        .operation(
            "change_email",
            "Have a link mailed to another address, which is one's own once the link is followed",
        )
        .sample(|values| {
            let email = format!("moved-{}@example.com", values.number);
            json!({"email": email, "current_password": values.password})
        })
        .records(&[EmailChangeRequested::NAME])
        .errors([
            UsersError::WrongPassword,
            UsersError::Busy,
            UsersError::TooManyMails,
        ])
        .errors([AccessError::SecondFactorRequired])
}

request! {
    /// The account whose password is forgotten.
    struct ForgotPassword {
        /// Its address.
        email: Email,
    }
}

request! {
    /// A new password, with the secret of a mailed link.
    struct ResetPassword {
        /// The secret.
        token: LinkSecret,
        /// The new password.
        new_password: Password,
    }
}

request! {
    /// The secret of a mailed link. In the body, because paths are logged.
    struct VerifyEmail {
        /// The secret.
        token: LinkSecret,
    }
}

request! {
    /// Another address.
    struct ChangeEmail {
        /// The new address.
        email: Email,
        /// The current password.
        current_password: PasswordInput,
    }
}

/// What happens after the response.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MailRequested {
    /// What was asked for.
    status: MailStatus,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum MailStatus {
    /// A link that resets the password, if there is an account.
    ResetRequested,
    /// A link that confirms an address.
    VerificationSent,
}

impl MailRequested {
    const RESET: Self = Self {
        status: MailStatus::ResetRequested,
    };

    /// A link that confirms an address.
    pub const VERIFICATION: Self = Self {
        status: MailStatus::VerificationSent,
    };
}

/// One answer for every address.
async fn forgot(
    client: ClientInfo,
    throttle: RateLimiter,
    Body(body): Body<ForgotPassword>,
    users: Users,
) -> Result<Accepted<MailRequested>, Problem> {
    throttle.check_address(LOGINS)?;
    users.forgot_password(&body.email, &client).await?;
    Ok(Accepted(MailRequested::RESET))
}

async fn reset(
    client: ClientInfo,
    throttle: RateLimiter,
    Body(body): Body<ResetPassword>,
    users: Users,
) -> Result<NoContent, Problem> {
    throttle.check_address(LOGINS)?;
    let reset = users.recover_password(&body.token, body.new_password, &client);
    reset.await?;
    Ok(NoContent)
}

async fn request_verification(
    Authorized(caller): Authorized<SessionCaller>,
    users: Users,
) -> Result<Accepted<MailRequested>, Problem> {
    users.request_verification(&caller).await?;
    Ok(Accepted(MailRequested::VERIFICATION))
}

async fn verify(
    client: ClientInfo,
    throttle: RateLimiter,
    Body(body): Body<VerifyEmail>,
    users: Users,
) -> Result<NoContent, Problem> {
    throttle.check_address(LOGINS)?;
    users.verify_email(&body.token, &client).await?;
    Ok(NoContent)
}

async fn change(
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    Body(body): Body<ChangeEmail>,
    users: Users,
) -> Result<Accepted<MailRequested>, Problem> {
    count_password_check(&throttle, &caller)?;
    let change = EmailChange {
        email: body.email,
        current: body.current_password,
    };
    users.request_email_change(&caller, change).await?;
    Ok(Accepted(MailRequested::VERIFICATION))
}
