//! Checking and using the proofs of second factors.

use tenantry_core::{
    access::{Actor, SessionCaller},
    db::{DbError, GlobalRows, UnitOfWork},
    id::UserId,
};
use tenantry_domain_events::events::users::{RecoveryCodeUsed, SignInFailure};

use super::Users;
use crate::{
    ClientInfo, RecoveryCode, SecondFactorCode, UsersError,
    factors::{
        RecoveryDigest,
        store::{self, pending, recovery, totp},
    },
    store::{sessions, users},
};

/// What a code proves, if it is not used meanwhile.
pub(super) enum Proof {
    /// A step of the authenticator app.
    Totp(totp::Model, i64),
    /// A recovery code, which may be wrong: its use tells.
    Recovery(RecoveryDigest),
    /// Nothing.
    Wrong,
}

impl Users {
    /// Compares a code with what the account has. It is not used yet.
    pub(super) async fn prove(
        &self,
        user: UserId,
        code: SecondFactorCode,
    ) -> Result<Proof, DbError> {
        let code = match code {
            SecondFactorCode::Recovery(code) => return Ok(Proof::Recovery(code.digest())),
            code @ SecondFactorCode::Totp(_) => code,
        };
        let found = totp::find(&self.rows(), user).await?;
        let found = found.filter(|found| found.confirmed_at.is_some());
        Ok(
            match found.map(|found| (self.step_of(&found, &code), found)) {
                Some((Some(step), found)) => Proof::Totp(found, step),
                _ => Proof::Wrong,
            },
        )
    }

    /// The step of an authenticator app that a code is of.
    pub(super) fn step_of(&self, found: &totp::Model, code: &SecondFactorCode) -> Option<i64> {
        let SecondFactorCode::Totp(code) = code else {
            return None;
        };
        let secret = self
            .deps
            .factors
            .key
            .open(found.user_id, &found.sealed_secret);
        let Some(secret) = secret else {
            // Recovery codes are still good.
            let user = tracing::field::display(found.user_id);
            tracing::error!(
                user,
                "the secret of an authenticator app can't be decrypted; was the session secret replaced?"
            );
            return None;
        };
        secret.step_of(*code, self.runtime().now(), found.last_step)
    }

    /// Uses what was proved, with the account locked; false if it was wrong, or used meanwhile.
    pub(super) async fn use_proof(
        &self,
        work: &mut UnitOfWork,
        user_id: UserId,
        proof: Proof,
    ) -> Result<bool, DbError> {
        let rows = work.global().await?;
        match proof {
            Proof::Totp(found, step) => totp::use_step(&rows, &found, step).await,
            Proof::Recovery(code) => {
                let is_used = recovery::use_once(&rows, user_id, code).await?;
                if is_used {
                    work.record(&RecoveryCodeUsed { user_id });
                }
                Ok(is_used)
            }
            Proof::Wrong => Ok(false),
        }
    }

    /// Gives a locked account new recovery codes; earlier ones are of no use any more.
    pub(super) async fn replace_recovery_codes(
        &self,
        rows: &GlobalRows<'_>,
        user: UserId,
    ) -> Result<Vec<RecoveryCode>, DbError> {
        recovery::delete_all(rows, user).await?;
        let codes = RecoveryCode::generate(self.runtime());
        for code in &codes {
            let row = recovery::Model {
                id: self.runtime().new_id(),
                user_id: user,
                code_hash: code.digest(),
                created_at: self.runtime().now(),
            };
            recovery::insert(rows, row).await?;
        }
        Ok(codes)
    }

    /// Without any factor a locked account has no recovery codes, and its logins need the password alone.
    pub(super) async fn after_removal(
        &self,
        rows: &GlobalRows<'_>,
        user: UserId,
    ) -> Result<(), DbError> {
        if !store::enrolled(rows, user).await?.is_empty() {
            return Ok(());
        }
        recovery::delete_all(rows, user).await?;
        pending::delete_all(rows, user).await?;
        sessions::clear_second_factor(rows, user).await?;
        users::set_second_factor(rows, user, false, self.runtime().now()).await
    }

    /// Notes a wrong code of a client whose password was right.
    pub(super) fn wrong_code(&self, user: UserId, client: &ClientInfo) -> UsersError {
        let actor = Actor {
            request: client.request,
            ..Actor::system()
        };
        let reason = SignInFailure::WrongSecondFactor;
        let access = &self.deps.access;
        access.sign_in_failed(user, reason, actor, client.client());
        UsersError::WrongCode
    }

    /// Notes a wrong code of a caller.
    pub(super) fn wrong_code_of(&self, caller: &SessionCaller) -> UsersError {
        let reason = SignInFailure::WrongSecondFactor;
        let access = &self.deps.access;
        access.sign_in_failed(caller.user(), reason, Actor::from(caller), None);
        UsersError::WrongCode
    }
}
