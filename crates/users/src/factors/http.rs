//! The routes of second factors.

use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tenantry_core::{
    access::{AccessError, SessionCaller},
    event::DomainEvent as _,
    request,
};
use tenantry_domain_events::events::users::{
    RecoveryCodeUsed, RecoveryCodesRenewed, SecondFactorAdded, SecondFactorRemoved, UserSignedIn,
};
use tenantry_http::{Access, Authorized, Body, NoContent, Problem, RateLimiter, Routes};

use super::{FactorRemoval, RecoveryCode, SecondFactorCode, SecondFactors, TotpEnrolment};
use crate::{
    ClientInfo, LoginAttempt, PasswordInput, PendingLoginCookie, Profile, SessionCookie,
    UsersError, UsersService, count_code_check, count_password_check,
};

type Users = web::Data<dyn UsersService>;

pub(crate) fn routes() -> Routes {
    const SESSION: Access = Access::user().session_only().or_unverified();
    const TOTP: &str = "/api/auth/mfa/totp";

    Routes::new()
        .post("/api/auth/login/mfa", Access::anyone(), complete_login)
        .operation(
            "complete_login",
            "Complete a login with the second factor, and begin a session",
        )
        .sample(|values| json!({"code": values.code}))
        .records(&[UserSignedIn::NAME, RecoveryCodeUsed::NAME])
        .errors([UsersError::WrongCode, UsersError::LoginExpired])
        .get("/api/auth/mfa", SESSION, show)
        .operation("get_mfa", "One's own second factors")
        .post(TOTP, SESSION, begin_totp)
        .operation(
            "begin_totp",
            "Begin to set up an authenticator app; only this response contains its secret",
        )
        .sample(|values| json!({"current_password": values.password}))
        .records(&[])
        .errors([
            UsersError::WrongPassword,
            UsersError::Busy,
            UsersError::SecondFactorExists,
        ])
        .errors([AccessError::SecondFactorRequired])
        .post("/api/auth/mfa/totp/confirm", SESSION, confirm_totp)
        .operation(
            "confirm_totp",
            "Confirm an authenticator app; only this response contains the recovery codes",
        )
        .sample(|values| json!({"code": values.code}))
        .records(&[SecondFactorAdded::NAME])
        .errors([UsersError::WrongCode, UsersError::NoEnrolment])
        .errors([AccessError::SecondFactorRequired])
        .delete(TOTP, SESSION, remove_totp)
        .operation("remove_totp", "Remove the authenticator app")
        .sample(|values| json!({"current_password": values.password, "code": values.code}))
        .records(&[SecondFactorRemoved::NAME, RecoveryCodeUsed::NAME])
        .errors([
            UsersError::WrongPassword,
            UsersError::Busy,
            UsersError::WrongCode,
            UsersError::NoSecondFactor,
        ])
        .post(
            "/api/auth/mfa/recovery-codes",
            SESSION,
            renew_recovery_codes,
        )
        .operation(
            "renew_recovery_codes",
            "Ten new recovery codes; earlier ones are of no use any more",
        )
        .sample(|values| json!({"current_password": values.password}))
        .records(&[RecoveryCodesRenewed::NAME])
        .errors([
            UsersError::WrongPassword,
            UsersError::Busy,
            UsersError::NoSecondFactor,
        ])
        .errors([AccessError::SecondFactorRequired])
        .post("/api/auth/mfa/verify", SESSION, verify)
        .operation(
            "verify_mfa",
            "Check the second factor again, for what asks for a recent check",
        )
        .sample(|values| json!({"code": values.code}))
        .records(&[RecoveryCodeUsed::NAME])
        .errors([UsersError::WrongCode, UsersError::NoSecondFactor])
}

request! {
    /// A code of the second factor.
    struct Code {
        /// Six digits of the authenticator app, or a recovery code.
        code: SecondFactorCode,
    }
}

request! {
    /// The proof that the caller is not a stolen session.
    pub(crate) struct CurrentPassword {
        /// The current password.
        pub(crate) current_password: PasswordInput,
    }
}

request! {
    /// The proofs for removing a second factor.
    struct RemoveFactor {
        /// The current password.
        current_password: PasswordInput,
        /// Six digits of the authenticator app, or a recovery code.
        code: SecondFactorCode,
    }
}

/// What an authenticator app is set up with.
#[derive(Serialize, JsonSchema)]
struct TotpSecret {
    /// The secret in Base32.
    secret: String,
    /// The same as a URL, for QR codes.
    otpauth_url: String,
}

/// Recovery codes, each good once.
#[derive(Serialize, JsonSchema)]
struct RecoveryCodes {
    /// The codes. Hyphens and the case of letters don't matter.
    recovery_codes: Vec<String>,
}

impl RecoveryCodes {
    fn of(codes: &[RecoveryCode]) -> Self {
        Self {
            recovery_codes: codes.iter().map(RecoveryCode::expose).collect(),
        }
    }
}

async fn complete_login(
    client: ClientInfo,
    attempt: LoginAttempt,
    pending: PendingLoginCookie,
    cookie: SessionCookie,
    Body(body): Body<Code>,
    users: Users,
) -> Result<web::Json<Profile>, Problem> {
    let key = pending.key()?;
    attempt.count(&users.pending_login(&key).await?.email)?;
    let signed_in = users.complete_login(&key, body.code, client).await?;
    pending.clear();
    cookie.set(&signed_in);
    Ok(web::Json(Profile::from(signed_in.user)))
}

async fn show(
    Authorized(caller): Authorized<SessionCaller>,
    users: Users,
) -> Result<web::Json<SecondFactors>, Problem> {
    Ok(web::Json(users.second_factors(&caller).await?))
}

async fn begin_totp(
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    Body(body): Body<CurrentPassword>,
    users: Users,
) -> Result<web::Json<TotpSecret>, Problem> {
    count_password_check(&throttle, &caller)?;
    let begun = users.begin_totp(&caller, body.current_password).await?;
    let TotpEnrolment {
        secret,
        otpauth_url,
    } = begun;
    Ok(web::Json(TotpSecret {
        secret,
        otpauth_url,
    }))
}

async fn confirm_totp(
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    Body(body): Body<Code>,
    users: Users,
) -> Result<web::Json<RecoveryCodes>, Problem> {
    count_code_check(&throttle, &caller)?;
    let codes = users.confirm_totp(&caller, body.code).await?;
    Ok(web::Json(RecoveryCodes::of(&codes)))
}

async fn remove_totp(
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    Body(body): Body<RemoveFactor>,
    users: Users,
) -> Result<NoContent, Problem> {
    count_password_check(&throttle, &caller)?;
    count_code_check(&throttle, &caller)?;
    let removal = FactorRemoval {
        current: body.current_password,
        code: body.code,
    };
    users.remove_totp(&caller, removal).await?;
    Ok(NoContent)
}

async fn renew_recovery_codes(
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    Body(body): Body<CurrentPassword>,
    users: Users,
) -> Result<web::Json<RecoveryCodes>, Problem> {
    count_password_check(&throttle, &caller)?;
    let current = body.current_password;
    let codes = users.renew_recovery_codes(&caller, current).await?;
    Ok(web::Json(RecoveryCodes::of(&codes)))
}

async fn verify(
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    Body(body): Body<Code>,
    users: Users,
) -> Result<NoContent, Problem> {
    count_code_check(&throttle, &caller)?;
    users.verify_second_factor(&caller, body.code).await?;
    Ok(NoContent)
}
