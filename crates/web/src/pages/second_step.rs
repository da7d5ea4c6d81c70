//! The second step of a login: the code of the second factor.

use tenantry_http::{FieldErrors, Problem};
use tenantry_users::{
    ClientInfo, LoginAttempt, PendingLogin, PendingLoginCookie, SecondFactorCode, SessionCookie,
    User, UsersError,
};

use crate::Services;

/// Whether pages offer passkeys.
pub(crate) const HAS_PASSKEYS: bool = cfg!(feature = "passkeys");

/// What people read whose code is wrong.
pub(super) const WRONG_CODE: &str = "is wrong, or was used before";

/// What came of a code.
pub(super) enum Outcome {
    /// There is a session, and its cookie is set.
    SignedIn(User),
    /// The code was wrong, and another one can be tried.
    Wrong(FieldErrors),
    /// The login has to begin again.
    Ended,
}

/// What the request of a login brings along.
pub(super) struct Visit {
    pub(super) client: ClientInfo,
    pub(super) attempt: LoginAttempt,
    pub(super) pending: PendingLoginCookie,
    pub(super) cookie: SessionCookie,
}

/// The login that waits for a code in this browser, if any.
pub(super) async fn pending_login(
    web: &Services,
    cookie: &PendingLoginCookie,
) -> Result<Option<PendingLogin>, Problem> {
    let Ok(key) = cookie.key() else {
        return Ok(None);
    };
    match web.users.pending_login(&key).await {
        Ok(login) => Ok(Some(login)),
        Err(UsersError::LoginExpired) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Completes the login with a code, if the form had one.
pub(super) async fn complete(
    web: &Services,
    visit: Visit,
    code: Result<SecondFactorCode, FieldErrors>,
) -> Result<Outcome, Problem> {
    let Visit {
        client,
        attempt,
        pending,
        cookie,
    } = visit;
    let Some(login) = pending_login(web, &pending).await? else {
        pending.clear();
        return Ok(Outcome::Ended);
    };
    let code = match code {
        Ok(code) => code,
        Err(errors) => return Ok(Outcome::Wrong(errors)),
    };
    attempt.count(&login.email)?;
    match web.users.complete_login(&login.key, code, client).await {
        Ok(session) => {
            pending.clear();
            cookie.set(&session);
            return Ok(Outcome::SignedIn(session.user));
        }
        Err(UsersError::WrongCode | UsersError::LoginExpired) => {}
        Err(error) => return Err(error.into()),
    }
    // The last wrong code ended the login.
    if pending_login(web, &pending).await?.is_none() {
        pending.clear();
        return Ok(Outcome::Ended);
    }
    Ok(Outcome::Wrong(FieldErrors::one("code", WRONG_CODE)))
}
