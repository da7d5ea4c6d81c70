//! The steps of a login after the password.

use tenantry_core::{
    clock::Timestamp,
    db::{GlobalRows, UnitOfWork},
};
use tenantry_domain_events::events::users::UserSignedIn;

use super::Users;
use crate::{
    ClientInfo, NewSession, PENDING_LOGIN, PendingLogin, PendingLoginKey, UsersError,
    factors::store::{self, pending},
    links::kill,
    store::users,
};

impl Users {
    /// Has the login of a locked account wait for the second factor.
    pub(super) async fn suspend_login(
        &self,
        rows: &GlobalRows<'_>,
        user: users::Model,
    ) -> Result<PendingLogin, UsersError> {
        let now = self.runtime().now();
        let key = PendingLoginKey::generate(self.runtime());
        pending::delete_expired(rows, user.id, now).await?;
        let row = pending::Model {
            id: self.runtime().new_id(),
            key_hash: key.digest(),
            user_id: user.id,
            credential_epoch: user.credential_epoch,
            attempts: 0,
            created_at: now,
            expires_at: now + PENDING_LOGIN,
        };
        pending::insert(rows, row).await?;
        let methods = store::methods(rows, user.id).await?;
        Ok(PendingLogin {
            key,
            email: user.email,
            methods,
        })
    }

    /// Creates the session of a locked account. `second_factor_at` is when the second factor was checked.
    pub(super) async fn finish_login(
        &self,
        mut work: UnitOfWork,
        user: users::Model,
        client: ClientInfo,
        second_factor_at: Option<Timestamp>,
    ) -> Result<NewSession, UsersError> {
        // Only now: who knows the password alone must not end what its owner asked for.
        kill::on_login(&work.global().await?, &user.email).await?;
        self.open_login(work, user, client, second_factor_at).await
    }

    /// The same without the password, which the person may have forgotten.
    pub(super) async fn open_login(
        &self,
        mut work: UnitOfWork,
        user: users::Model,
        client: ClientInfo,
        second_factor_at: Option<Timestamp>,
    ) -> Result<NewSession, UsersError> {
        let rows = work.global().await?;
        let from = client.client();
        let key = self
            .new_session(&rows, user.id, client.user_agent, second_factor_at)
            .await?;
        work.record_sign_in(&UserSignedIn { user_id: user.id }, from);
        work.commit().await?;
        let user = user.into();
        Ok(NewSession { user, key })
    }
}
