//! Second factors, on the database.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, SecondFactor, SessionCaller},
    id::UserId,
};
use tenantry_domain_events::events::users::{
    FactorKind, RecoveryCodesRenewed, SecondFactorAdded, SecondFactorRemoved, SecondFactorsReset,
};

use super::Users;
use crate::{
    ClientInfo, FactorRemoval, NewSession, PasswordInput, PendingLogin, PendingLoginKey,
    RecoveryCode, SecondFactorCode, SecondFactorService, SecondFactors, TotpEnrolment, UsersError,
    factors::{
        Secret,
        store::{self, pending, recovery, totp},
    },
    passkeys::{Passkey, store as passkeys},
    store::{sessions, users},
};

#[async_trait]
impl SecondFactorService for Users {
    async fn pending_login(&self, key: &PendingLoginKey) -> Result<PendingLogin, UsersError> {
        let (_, user) = self.find_pending(key).await?;
        let methods = store::methods(&self.rows(), user.id).await?;
        Ok(PendingLogin {
            key: key.clone(),
            email: user.email,
            methods,
        })
    }

    async fn complete_login(
        &self,
        key: &PendingLoginKey,
        code: SecondFactorCode,
        client: ClientInfo,
    ) -> Result<NewSession, UsersError> {
        let (pending, user) = self.find_pending(key).await?;
        let proof = self.prove(user.id, code).await?;
        self.runtime().failpoint("factors.checked").await;

        let now = self.runtime().now();
        let mut work = self.begin(client.as_user(user.id));
        let rows = work.global().await?;
        let user = users::lock(&rows, user.id).await?;
        let user = user.filter(|user| is_for(&pending, user));
        let user = user.ok_or(UsersError::LoginExpired)?;
        if !pending::count_attempt(&rows, pending.id, now).await? {
            return Err(UsersError::LoginExpired);
        }
        if !self.use_proof(&mut work, user.id, proof).await? {
            // The attempt counts, so this is no rollback.
            work.commit().await?;
            return Err(self.wrong_code(user.id, &client));
        }
        pending::delete(&work.global().await?, pending.id).await?;
        self.finish_login(work, user, client, Some(now)).await
    }

    async fn second_factors(&self, caller: &SessionCaller) -> Result<SecondFactors, UsersError> {
        let (rows, user) = (self.rows(), caller.user());
        let session = sessions::find_of(&rows, user, caller.session(), self.validity()).await?;
        let session = session.ok_or(UsersError::SessionExpired)?;
        let factors = store::enrolled(&rows, user).await?;
        let checked_at = session.second_factor_at.filter(|_| !factors.is_empty());
        let passkeys = passkeys::of(&rows, user).await?.into_iter();
        Ok(SecondFactors {
            factors,
            passkeys: passkeys.map(Passkey::from).collect(),
            recovery_codes_left: recovery::count(&rows, user).await?,
            verified_until: checked_at
                .map(SecondFactor::recent_until)
                .filter(|until| *until > self.runtime().now()),
        })
    }

    async fn begin_totp(
        &self,
        caller: &SessionCaller,
        current: PasswordInput,
    ) -> Result<TotpEnrolment, UsersError> {
        caller.second_factor().require_recent()?;
        let verified = self.check_current_password(caller, current).await?;
        let mut work = self.begin(caller);
        let user = self.lock_unchanged(&mut work, caller, &verified).await?;
        let rows = work.global().await?;
        let found = totp::find(&rows, user.id).await?;
        if found.is_some_and(|found| found.confirmed_at.is_some()) {
            return Err(UsersError::SecondFactorExists);
        }
        let secret = Secret::generate(self.runtime());
        let settings = &self.deps.factors;
        let row = totp::Model {
            id: self.runtime().new_id(),
            user_id: user.id,
            sealed_secret: settings.key.seal(self.runtime(), user.id, &secret),
            last_step: 0,
            created_at: self.runtime().now(),
            confirmed_at: None,
        };
        totp::delete(&rows, user.id).await?;
        totp::insert(&rows, row).await?;
        work.commit().await?;
        Ok(TotpEnrolment::new(&secret, &settings.issuer, &user.email))
    }

    async fn confirm_totp(
        &self,
        caller: &SessionCaller,
        code: SecondFactorCode,
    ) -> Result<Vec<RecoveryCode>, UsersError> {
        caller.second_factor().require_recent()?;
        let user = caller.user();
        let found = totp::find(&self.rows(), user).await?;
        let found = found.filter(|found| found.confirmed_at.is_none());
        let found = found.ok_or(UsersError::NoEnrolment)?;
        let step = self.step_of(&found, &code).ok_or(UsersError::WrongCode)?;
        self.runtime().failpoint("factors.checked").await;

        let now = self.runtime().now();
        let mut work = self.begin(caller);
        let rows = work.global().await?;
        let locked = users::lock(&rows, user).await?;
        locked.ok_or(UsersError::SessionExpired)?;
        if !totp::confirm(&rows, &found, step, now).await? {
            return Err(UsersError::NoEnrolment);
        }
        if !sessions::set_second_factor_at(&rows, user, caller.session(), now).await? {
            return Err(UsersError::SessionExpired);
        }
        users::set_second_factor(&rows, user, true, now).await?;
        let codes = self.replace_recovery_codes(&rows, user).await?;
        work.record(&SecondFactorAdded {
            user_id: user,
            factor: FactorKind::Totp,
        });
        work.commit().await?;
        Ok(codes)
    }

    async fn remove_totp(
        &self,
        caller: &SessionCaller,
        removal: FactorRemoval,
    ) -> Result<(), UsersError> {
        let verified = self.check_current_password(caller, removal.current).await?;
        let proof = self.prove(verified.id, removal.code).await?;
        self.runtime().failpoint("factors.checked").await;

        let mut work = self.begin(caller);
        let user = self.lock_unchanged(&mut work, caller, &verified).await?;
        let rows = work.global().await?;
        let found = totp::find(&rows, user.id).await?;
        if found.is_none_or(|found| found.confirmed_at.is_none()) {
            return Err(UsersError::NoSecondFactor);
        }
        if !self.use_proof(&mut work, user.id, proof).await? {
            return Err(self.wrong_code_of(caller));
        }
        let rows = work.global().await?;
        totp::delete(&rows, user.id).await?;
        self.after_removal(&rows, user.id).await?;
        work.record(&SecondFactorRemoved {
            user_id: user.id,
            factor: FactorKind::Totp,
        });
        Ok(work.commit().await?)
    }

    async fn renew_recovery_codes(
        &self,
        caller: &SessionCaller,
        current: PasswordInput,
    ) -> Result<Vec<RecoveryCode>, UsersError> {
        caller.second_factor().require_recent()?;
        let verified = self.check_current_password(caller, current).await?;
        let mut work = self.begin(caller);
        let user = self.lock_unchanged(&mut work, caller, &verified).await?;
        if !user.has_second_factor {
            return Err(UsersError::NoSecondFactor);
        }
        let rows = work.global().await?;
        let codes = self.replace_recovery_codes(&rows, user.id).await?;
        work.record(&RecoveryCodesRenewed { user_id: user.id });
        work.commit().await?;
        Ok(codes)
    }

    async fn verify_second_factor(
        &self,
        caller: &SessionCaller,
        code: SecondFactorCode,
    ) -> Result<(), UsersError> {
        let user = caller.user();
        let proof = self.prove(user, code).await?;
        self.runtime().failpoint("factors.checked").await;

        let mut work = self.begin(caller);
        let rows = work.global().await?;
        let locked = users::lock(&rows, user).await?;
        let locked = locked.ok_or(UsersError::SessionExpired)?;
        if !locked.has_second_factor {
            return Err(UsersError::NoSecondFactor);
        }
        if !self.use_proof(&mut work, user, proof).await? {
            return Err(self.wrong_code_of(caller));
        }
        let rows = work.global().await?;
        let now = self.runtime().now();
        if !sessions::set_second_factor_at(&rows, user, caller.session(), now).await? {
            return Err(UsersError::SessionExpired);
        }
        Ok(work.commit().await?)
    }

    async fn reset_second_factors(&self, user: UserId, actor: Actor) -> Result<(), UsersError> {
        let mut work = self.begin(actor);
        let rows = work.global().await?;
        let locked = users::lock(&rows, user).await?;
        let locked = locked.ok_or(UsersError::UserNotFound)?;
        if !locked.has_second_factor {
            return Err(UsersError::NoSecondFactor);
        }
        store::delete_all(&rows, user).await?;
        self.after_removal(&rows, user).await?;
        sessions::delete_all(&rows, user).await?;
        work.record(&SecondFactorsReset { user_id: user });
        Ok(work.commit().await?)
    }
}

/// Whether a pending login can be completed for the account, as it is now.
fn is_for(pending: &pending::Model, user: &users::Model) -> bool {
    user.is_active && user.has_second_factor && user.credential_epoch == pending.credential_epoch
}

impl Users {
    /// A login that can still be completed, and its account.
    async fn find_pending(
        &self,
        key: &PendingLoginKey,
    ) -> Result<(pending::Model, users::Model), UsersError> {
        let (rows, now) = (self.rows(), self.runtime().now());
        let pending = pending::find(&rows, key.digest(), now).await?;
        let pending = pending.ok_or(UsersError::LoginExpired)?;
        let user = users::find(&rows, pending.user_id).await?;
        let user = user.filter(|user| is_for(&pending, user));
        let user = user.ok_or(UsersError::LoginExpired)?;
        Ok((pending, user))
    }
}
