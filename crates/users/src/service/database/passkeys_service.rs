//! Passkeys, on the database.

use async_trait::async_trait;
use tenantry_core::{
    access::{Actor, SessionCaller},
    clock::Timestamp,
    db::{GlobalRows, UnitOfWork},
    id::{PasskeyId, UserId},
};
use tenantry_domain_events::events::users::{
    FactorKind, PasskeyMaybeCloned, SecondFactorAdded, SecondFactorRemoved, SignInFailure,
};

use super::Users;
use crate::{
    AddedPasskey, ClientInfo, CreationOptions, NewPasskey, NewSession, Passkey, PasskeysService,
    PasswordInput, PendingLoginKey, RequestOptions, SignedCredential, UsersError,
    factors::store::pending,
    passkeys::{Asserted, Base64Url, CeremonyError, Challenge, Purpose, store, used_challenges},
    store::{sessions, users},
};

/// The passkeys of one account.
const MAX_PASSKEYS: usize = 20;

#[async_trait]
impl PasskeysService for Users {
    async fn begin_passkey(
        &self,
        caller: &SessionCaller,
        current: PasswordInput,
    ) -> Result<CreationOptions, UsersError> {
        caller.second_factor().require_recent()?;
        let relying_party = &self.deps.relying_party;
        let site = relying_party.site()?;
        let user = self.check_current_password(caller, current).await?;
        let known = store::of(&self.rows(), user.id).await?;
        if known.len() >= MAX_PASSKEYS {
            return Err(UsersError::TooManyPasskeys);
        }
        let purpose = Purpose::Enrolment(caller.session().uuid());
        let challenge = relying_party.challenge(self.runtime(), purpose);
        let handle = self.user_handle(user.id, &known);
        Ok(CreationOptions::new(site, challenge, &user, handle, &known))
    }

    async fn finish_passkey(
        &self,
        caller: &SessionCaller,
        new: NewPasskey,
    ) -> Result<AddedPasskey, UsersError> {
        // Again: another session may have set up the first factor since the challenge was made.
        caller.second_factor().require_recent()?;
        let relying_party = &self.deps.relying_party;
        let site = relying_party.site()?;
        let now = self.runtime().now();
        // The challenge says that the password was checked.
        let purpose = Purpose::Enrolment(caller.session().uuid());
        let verified = relying_party.verify_created(&site, now, purpose, &new.credential);
        let (challenge, registered) = verified.map_err(|error| invalid(caller, error))?;
        self.runtime().failpoint("passkeys.verified").await;

        let mut work = self.begin(caller);
        let rows = work.global().await?;
        let user = lock_active(&rows, caller.user()).await?;
        let user = user.ok_or(UsersError::SessionExpired)?;
        if !use_challenge(&rows, &challenge, self.runtime().now()).await? {
            return Err(invalid(caller, CeremonyError::Challenge));
        }
        let known = store::of(&rows, user.id).await?;
        if known.len() >= MAX_PASSKEYS {
            return Err(UsersError::TooManyPasskeys);
        }
        let row = store::Model {
            id: self.runtime().new_id(),
            user_id: user.id,
            credential_id: new.credential.id,
            public_key: Base64Url(registered.public_key),
            user_handle: self.user_handle(user.id, &known),
            name: new.name,
            sign_count: registered.sign_count.into(),
            is_backup_eligible: registered.is_backup_eligible,
            is_backed_up: registered.is_backed_up,
            transports: new.credential.transports.join(" "),
            created_at: now,
            last_used_at: None,
        };
        let passkey = Passkey::from(row.clone());
        store::insert(&rows, row).await.map_err(|error| {
            if store::is_duplicate(&error) {
                invalid(caller, CeremonyError::CredentialId)
            } else {
                error.into()
            }
        })?;
        if !sessions::set_second_factor_at(&rows, user.id, caller.session(), now).await? {
            return Err(UsersError::SessionExpired);
        }
        let recovery_codes = if user.has_second_factor {
            None
        } else {
            users::set_second_factor(&rows, user.id, true, now).await?;
            Some(self.replace_recovery_codes(&rows, user.id).await?)
        };
        work.record(&SecondFactorAdded {
            user_id: user.id,
            factor: FactorKind::Passkey,
        });
        work.commit().await?;
        Ok(AddedPasskey {
            passkey,
            recovery_codes,
        })
    }

    async fn remove_passkey(
        &self,
        caller: &SessionCaller,
        id: PasskeyId,
    ) -> Result<(), UsersError> {
        caller.second_factor().require_recent()?;
        let mut work = self.begin(caller);
        let rows = work.global().await?;
        let user = lock_active(&rows, caller.user()).await?;
        let user = user.ok_or(UsersError::SessionExpired)?;
        if !store::delete(&rows, user.id, id).await? {
            // Same response for unknown and foreign ids: another one would confirm that it exists.
            return Err(UsersError::PasskeyNotFound);
        }
        self.after_removal(&rows, user.id).await?;
        work.record(&SecondFactorRemoved {
            user_id: user.id,
            factor: FactorKind::Passkey,
        });
        Ok(work.commit().await?)
    }

    async fn begin_passkey_login(
        &self,
        key: &PendingLoginKey,
    ) -> Result<RequestOptions, UsersError> {
        let relying_party = &self.deps.relying_party;
        let site = relying_party.site()?;
        let rows = self.rows();
        let pending = pending::find(&rows, key.digest(), self.runtime().now()).await?;
        let known = match pending {
            Some(pending) => store::of(&rows, pending.user_id).await?,
            None => Vec::new(),
        };
        let challenge = relying_party.challenge(self.runtime(), Purpose::Login(key.expose()));
        Ok(RequestOptions::new(site, challenge, &known))
    }

    async fn finish_passkey_login(
        &self,
        key: &PendingLoginKey,
        credential: SignedCredential,
        client: ClientInfo,
    ) -> Result<NewSession, UsersError> {
        let rows = self.rows();
        let Some(passkey) = store::by_credential(&rows, &credential.id).await? else {
            return Err(self.passkey_refused(None, CeremonyError::CredentialId, &client));
        };
        let owner = passkey.user_id;
        let refused = |error| {
            let failure = SignInFailure::PasskeyRefused;
            self.passkey_refused(Some((owner, failure)), error, &client)
        };
        let now = self.runtime().now();
        let pending = pending::find(&rows, key.digest(), now).await?;
        // A person who chose the passkey is known by its handle; the account of a pending login is known.
        let is_of_account = match (&credential.user_handle, &pending) {
            (Some(handle), _) if *handle != passkey.user_handle => false,
            (None, None) => false,
            (_, Some(pending)) => pending.user_id == owner,
            (Some(_), None) => true,
        };
        if !is_of_account {
            return Err(refused(CeremonyError::CredentialId));
        }
        let purpose = Purpose::Login(key.expose());
        let (challenge, asserted) = self
            .verify_signed(purpose, &passkey, &credential)?
            .map_err(refused)?;
        self.runtime().failpoint("passkeys.verified").await;

        let mut work = self.begin(client.as_user(owner));
        let rows = work.global().await?;
        let Some(user) = lock_active(&rows, owner).await? else {
            let disabled = Some((owner, SignInFailure::Disabled));
            return Err(self.passkey_refused(disabled, CeremonyError::CredentialId, &client));
        };
        if !use_challenge(&rows, &challenge, self.runtime().now()).await? {
            return Err(refused(CeremonyError::Challenge));
        }
        if !self.note_use(&mut work, &passkey, asserted).await? {
            return Err(refused(CeremonyError::CredentialId));
        }
        if let Some(pending) = pending {
            pending::delete(&work.global().await?, pending.id).await?;
        }
        self.open_login(work, user, client, Some(now)).await
    }

    async fn begin_passkey_check(
        &self,
        caller: &SessionCaller,
    ) -> Result<RequestOptions, UsersError> {
        let relying_party = &self.deps.relying_party;
        let site = relying_party.site()?;
        let known = store::of(&self.rows(), caller.user()).await?;
        if known.is_empty() {
            return Err(UsersError::NoSecondFactor);
        }
        let purpose = Purpose::Check(caller.session().uuid());
        let challenge = relying_party.challenge(self.runtime(), purpose);
        Ok(RequestOptions::new(site, challenge, &known))
    }

    async fn finish_passkey_check(
        &self,
        caller: &SessionCaller,
        credential: SignedCredential,
    ) -> Result<(), UsersError> {
        let user = caller.user();
        let refused = |error| {
            let reason = SignInFailure::PasskeyRefused;
            let access = &self.deps.access;
            access.sign_in_failed(user, reason, Actor::from(caller), None);
            invalid(caller, error)
        };
        let passkey = store::by_credential(&self.rows(), &credential.id).await?;
        let passkey = passkey.filter(|passkey| passkey.user_id == user);
        let passkey = passkey.ok_or_else(|| refused(CeremonyError::CredentialId))?;
        let purpose = Purpose::Check(caller.session().uuid());
        let (challenge, asserted) = self
            .verify_signed(purpose, &passkey, &credential)?
            .map_err(refused)?;
        self.runtime().failpoint("passkeys.verified").await;

        let mut work = self.begin(caller);
        let rows = work.global().await?;
        let locked = lock_active(&rows, user).await?;
        locked.ok_or(UsersError::SessionExpired)?;
        if !use_challenge(&rows, &challenge, self.runtime().now()).await? {
            return Err(refused(CeremonyError::Challenge));
        }
        if !self.note_use(&mut work, &passkey, asserted).await? {
            return Err(refused(CeremonyError::CredentialId));
        }
        let (rows, now) = (work.global().await?, self.runtime().now());
        if !sessions::set_second_factor_at(&rows, user, caller.session(), now).await? {
            return Err(UsersError::SessionExpired);
        }
        Ok(work.commit().await?)
    }
}

impl Users {
    /// The handle of an account: that of the passkeys that it has, also after the secret was replaced.
    fn user_handle(&self, user: UserId, known: &[store::Model]) -> Base64Url {
        let first = known.first().map(|passkey| passkey.user_handle.clone());
        first.unwrap_or_else(|| self.deps.relying_party.user_handle(user))
    }

    fn verify_signed(
        &self,
        purpose: Purpose<'_>,
        passkey: &store::Model,
        credential: &SignedCredential,
    ) -> Result<Result<(Challenge, Asserted), CeremonyError>, UsersError> {
        let relying_party = &self.deps.relying_party;
        let site = relying_party.site()?;
        let now = self.runtime().now();
        Ok(relying_party.verify_signed(&site, now, purpose, (passkey, credential)))
    }

    /// Notes the use of a passkey; false if it was removed meanwhile. A counter that did not count up is
    /// recorded, and no reason to refuse: it is no proof of a copy.
    async fn note_use(
        &self,
        work: &mut UnitOfWork,
        passkey: &store::Model,
        asserted: Asserted,
    ) -> Result<bool, UsersError> {
        let rows = work.global().await?;
        let (count, now) = (asserted.sign_count.into(), self.runtime().now());
        let is_backed_up = asserted.is_backed_up;
        if !store::note_use(&rows, passkey.id, count, is_backed_up, now).await? {
            return Ok(false);
        }
        if asserted.is_maybe_cloned {
            work.record(&PasskeyMaybeCloned {
                user_id: passkey.user_id,
                passkey_id: passkey.id,
            });
        }
        Ok(true)
    }

    /// Notes a login with a passkey that failed. The client gets one answer, whatever the reason.
    fn passkey_refused(
        &self,
        known: Option<(UserId, SignInFailure)>,
        error: CeremonyError,
        client: &ClientInfo,
    ) -> UsersError {
        let request = client.request.map(tracing::field::display);
        tracing::info!(request, reason = %error, "a passkey was refused");
        self.login_failed(known, client);
        UsersError::PasskeyRefused
    }
}

async fn lock_active(
    rows: &GlobalRows<'_>,
    user: UserId,
) -> Result<Option<users::Model>, UsersError> {
    let locked = users::lock(rows, user).await?;
    Ok(locked.filter(|user| user.is_active))
}

/// Uses a challenge, with the account locked; false if it was used before.
async fn use_challenge(
    rows: &GlobalRows<'_>,
    challenge: &Challenge,
    now: Timestamp,
) -> Result<bool, UsersError> {
    if !used_challenges::use_once(rows, challenge.id, challenge.expires_at).await? {
        return Ok(false);
    }
    used_challenges::prune(rows, now).await?;
    Ok(true)
}

/// The caller is not shown which rule was broken: its browser broke it.
fn invalid(caller: &SessionCaller, error: CeremonyError) -> UsersError {
    let user = tracing::field::display(caller.user());
    tracing::info!(user, reason = %error, "a passkey was refused");
    UsersError::PasskeyInvalid
}
