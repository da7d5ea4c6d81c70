//! Our session store, as `actix-session` calls it.

use std::collections::HashMap;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use anyhow::anyhow;
use tenantry_core::{access::Actor, db::Database};

use super::SessionDigest;
use crate::store::sessions;

/// The one entry of a session's state: its key.
pub(super) const KEY: &str = "key";

/// The sessions in the database, as the middleware of `actix-session` sees them.
///
/// Whether a session lives is decided by one query alone: the one that also finds the caller's
/// membership, made for every request that needs a caller. So `load` asks nothing; the state
/// that it gives is the key itself, for that query. And `save` stores nothing: the session was
/// made in the same unit of work that found the password right, and only its key is handed to
/// the cookie. What is left is to end sessions, when they are purged or replaced at a login.
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
            .ok_or_else(|| SaveError::Other(anyhow!("a session is begun by signing in")))?;
        let key: String =
            serde_json::from_str(key).map_err(|e| SaveError::Serialization(e.into()))?;
        SessionKey::try_from(key).map_err(|e| SaveError::Serialization(e.into()))
    }

    /// Refuses: nothing of a session is changed through its state, and what is never written
    /// again can't be brought back to life after a logout.
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

    /// Does nothing: a session's end is set when it begins.
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
