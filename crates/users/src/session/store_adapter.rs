//! The session store behind `actix-session`.

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use anyhow::anyhow;
use tenantry_core::{access::Actor, db::Database};

use super::SessionDigest;
use crate::store::sessions;

/// The only entry of a session's state: its key.
pub(super) const KEY: &str = "key";

/// The sessions in the database, as the middleware of `actix-session` sees them.
///
/// Validity is decided by one query: the context lookup, which also finds the caller's membership
/// and runs for every request that needs a caller. So `load` doesn't query; it returns the key as
/// the state, for that lookup. `save` stores nothing: the session was inserted in the unit of work
/// that verified the password, and only its key goes to the cookie. What remains is `delete`, for
/// sessions that are purged or replaced at a login.
#[derive(Clone, Debug)]
pub struct SessionStoreAdapter {
    database: Database,
}

impl SessionStoreAdapter {
    /// The sessions in this database.
    #[must_use]
    pub const fn new(database: Database) -> Self {
        Self { database }
    }
}

impl SessionStore for SessionStoreAdapter {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let key = serde_json::to_string(key.as_ref()).map_err(|e| LoadError::Other(e.into()))?;
        Ok(Some(HashMap::from([(KEY.to_owned(), key)])))
    }

    async fn save(
        &self,
        state: HashMap<String, String>,
        _: &Duration,
    ) -> Result<SessionKey, SaveError> {
        let key = state
            .get(KEY)
            .ok_or_else(|| SaveError::Other(anyhow!("a session is created by signing in")))?;
        let key: String =
            serde_json::from_str(key).map_err(|e| SaveError::Serialization(e.into()))?;
        SessionKey::try_from(key).map_err(|e| SaveError::Serialization(e.into()))
    }

    /// Always fails: a session's state never changes, and a session that is never written again
    /// can't be revived after a logout.
    async fn update(
        &self,
        _: SessionKey,
        _: HashMap<String, String>,
        _: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        Err(UpdateError::Other(anyhow!(
            "a session's state does not change"
        )))
    }

    /// Does nothing: the expiry is set when the session is created.
    async fn update_ttl(&self, _: &SessionKey, _: &Duration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let mut work = self.database.begin(Actor::system());
        sessions::delete_by_digest(&work.global().await?, SessionDigest::of(key.as_ref())).await?;
        work.commit().await?;
        Ok(())
    }
}
