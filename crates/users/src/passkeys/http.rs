//! The routes of passkeys.

use actix_web::web;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};
use tenantry_core::{
    access::{AccessError, SessionCaller},
    event::DomainEvent as _,
    id::PasskeyId,
    request,
    runtime::Runtime,
    value::Name,
};
use tenantry_domain_events::events::users::{
    PasskeyMaybeCloned, SecondFactorAdded, SecondFactorRemoved, UserSignedIn,
};
use tenantry_http::{
    Access, Authorized, Body, Created, NoContent, PathId, Problem, RateLimiter, Routes,
};

use super::{
    CreatedCredential, CreationOptions, NewPasskey, Passkey, RequestOptions, SignedCredential,
};
use crate::{
    ClientInfo, LOGINS, PendingLoginCookie, PendingLoginKey, Profile, RecoveryCode, SessionCookie,
    UsersError, UsersService, count_code_check, count_password_check, factors::CurrentPassword,
};

type Users = web::Data<dyn UsersService>;

pub(crate) fn routes() -> Routes {
    const ANYONE: Access = Access::anyone();
    const SESSION: Access = Access::user().session_only().or_unverified();

    Routes::new()
        .post("/api/auth/mfa/passkeys/begin", SESSION, begin)
        .operation("begin_passkey", "Begin to add a passkey")
        .sample(|values| json!({"current_password": values.password}))
        .records(&[])
        .errors([
            UsersError::PasskeysUnavailable,
            UsersError::WrongPassword,
            UsersError::Busy,
            UsersError::TooManyPasskeys,
        ])
        .errors([AccessError::SecondFactorRequired])
        .post("/api/auth/mfa/passkeys/finish", SESSION, finish)
        .operation(
            "finish_passkey",
            "Add a passkey; only this response contains the recovery codes that come with the first factor",
        )
        .sample(|values| json!({"name": values.another_text(), "credential": created()}))
        .records(&[SecondFactorAdded::NAME])
        .errors([
            UsersError::PasskeysUnavailable,
            UsersError::PasskeyInvalid,
            UsersError::TooManyPasskeys,
        ])
        .errors([AccessError::SecondFactorRequired])
        .delete("/api/auth/mfa/passkeys/{id}", SESSION, remove)
        .operation("remove_passkey", "Remove a passkey")
        .records(&[SecondFactorRemoved::NAME])
        .errors([UsersError::PasskeyNotFound])
        .errors([AccessError::SecondFactorRequired])
        .post("/api/auth/mfa/verify/passkey/begin", SESSION, begin_check)
        .operation(
            "begin_passkey_check",
            "Begin to check the second factor again with a passkey",
        )
        .records(&[])
        .errors([UsersError::PasskeysUnavailable, UsersError::NoSecondFactor])
        .post("/api/auth/mfa/verify/passkey/finish", SESSION, finish_check)
        .operation(
            "finish_passkey_check",
            "Check the second factor again with a passkey, for what asks for a recent check",
        )
        .sample(|_| json!({"credential": signed()}))
        .records(&[PasskeyMaybeCloned::NAME])
        .errors([UsersError::PasskeysUnavailable, UsersError::PasskeyInvalid])
        .post("/api/auth/login/passkey/begin", ANYONE, begin_login)
        .operation("begin_passkey_login", "Begin a login with a passkey")
        .records(&[])
        .errors([UsersError::PasskeysUnavailable])
        .post("/api/auth/login/passkey/finish", ANYONE, finish_login)
        .operation(
            "finish_passkey_login",
            "Log in with a passkey, and begin a session",
        )
        .sample(|_| json!({"credential": signed()}))
        .records(&[UserSignedIn::NAME, PasskeyMaybeCloned::NAME])
        .errors([
            UsersError::PasskeysUnavailable,
            UsersError::PasskeyRefused,
            UsersError::LoginExpired,
        ])
}

/// The form of a browser's answer, of no authenticator.
fn created() -> Value {
    json!({
        "id": "AAECAwQFBgcICQoLDA0ODw",
        "type": "public-key",
        "response": {"clientDataJSON": "e30", "attestationObject": "oA", "transports": ["internal"]},
    })
}

/// See [`created`].
fn signed() -> Value {
    json!({
        "id": "AAECAwQFBgcICQoLDA0ODw",
        "type": "public-key",
        "response": {
            "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA",
        },
    })
}

request! {
    /// A passkey to add.
    struct FinishPasskey {
        /// What to call it.
        name: Name,
        /// What `navigator.credentials.create` answered, as JSON.
        credential: CreatedCredential,
    }
}

request! {
    /// A passkey that was used.
    struct UsePasskey {
        /// What `navigator.credentials.get` answered, as JSON.
        credential: SignedCredential,
    }
}

/// What to ask the browser for.
#[derive(Serialize, JsonSchema)]
struct PasskeyCreation {
    /// The argument of `PublicKeyCredential.parseCreationOptionsFromJSON`.
    options: CreationOptions,
}

/// What to ask the browser for.
#[derive(Serialize, JsonSchema)]
struct PasskeyRequest {
    /// The argument of `PublicKeyCredential.parseRequestOptionsFromJSON`.
    options: RequestOptions,
}

/// A passkey that was added.
#[derive(Serialize, JsonSchema)]
struct PasskeyAdded {
    /// The passkey.
    passkey: Passkey,
    /// Codes that are good in its place, each once; `null` if the account had a second factor before.
    recovery_codes: Option<Vec<String>>,
}

async fn begin(
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    Body(body): Body<CurrentPassword>,
    users: Users,
) -> Result<web::Json<PasskeyCreation>, Problem> {
    count_password_check(&throttle, &caller)?;
    let passkeys = users.passkeys();
    let options = passkeys
        .begin_passkey(&caller, body.current_password)
        .await?;
    Ok(web::Json(PasskeyCreation { options }))
}

async fn finish(
    Authorized(caller): Authorized<SessionCaller>,
    Body(body): Body<FinishPasskey>,
    users: Users,
) -> Result<Created<PasskeyAdded>, Problem> {
    let new = NewPasskey {
        name: body.name,
        credential: body.credential,
    };
    let added = users.passkeys().finish_passkey(&caller, new).await?;
    let codes = added.recovery_codes.as_deref();
    Ok(Created::new(PasskeyAdded {
        recovery_codes: codes.map(|codes| codes.iter().map(RecoveryCode::expose).collect()),
        passkey: added.passkey,
    }))
}

async fn remove(
    Authorized(caller): Authorized<SessionCaller>,
    id: PathId<PasskeyId>,
    users: Users,
) -> Result<NoContent, Problem> {
    let id = id.or(UsersError::PasskeyNotFound)?;
    users.passkeys().remove_passkey(&caller, id).await?;
    Ok(NoContent)
}

async fn begin_check(
    Authorized(caller): Authorized<SessionCaller>,
    users: Users,
) -> Result<web::Json<PasskeyRequest>, Problem> {
    let options = users.passkeys().begin_passkey_check(&caller).await?;
    Ok(web::Json(PasskeyRequest { options }))
}

async fn finish_check(
    Authorized(caller): Authorized<SessionCaller>,
    throttle: RateLimiter,
    Body(body): Body<UsePasskey>,
    users: Users,
) -> Result<NoContent, Problem> {
    count_code_check(&throttle, &caller)?;
    let passkeys = users.passkeys();
    passkeys
        .finish_passkey_check(&caller, body.credential)
        .await?;
    Ok(NoContent)
}

/// Keeps the key of a login that is under way, so that several open pages of one browser don't end each
/// other's.
async fn begin_login(
    pending: PendingLoginCookie,
    runtime: web::Data<Runtime>,
    users: Users,
) -> Result<web::Json<PasskeyRequest>, Problem> {
    let key = pending.key();
    let key = key.unwrap_or_else(|_| PendingLoginKey::generate(&runtime));
    let options = users.passkeys().begin_passkey_login(&key).await?;
    pending.keep(&key);
    Ok(web::Json(PasskeyRequest { options }))
}

async fn finish_login(
    client: ClientInfo,
    throttle: RateLimiter,
    pending: PendingLoginCookie,
    cookie: SessionCookie,
    Body(body): Body<UsePasskey>,
    users: Users,
) -> Result<web::Json<Profile>, Problem> {
    throttle.check_address(LOGINS)?;
    let key = pending.key()?;
    let passkeys = users.passkeys();
    let login = passkeys.finish_passkey_login(&key, body.credential, client);
    let signed_in = login.await?;
    pending.clear();
    cookie.set(&signed_in);
    Ok(web::Json(Profile::from(signed_in.user)))
}
