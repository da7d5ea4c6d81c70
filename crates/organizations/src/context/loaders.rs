//! The lookups that concurrent requests share.

use std::{collections::HashMap, sync::Arc};

use tenantry_core::{
    batch::BatchLoader,
    db::{ContextJoins as _, Database, DbError},
};
use tenantry_users::SessionLifetime;

use super::session_query::{
    SessionAndMembership, default_membership, live_sessions, order_by_oldest,
};
use crate::{
    entity::{
        active_membership,
        live_session::{self, Column as Session},
        live_token,
    },
    tokens::{secret::TokenDigest, store},
};

/// Lookups by a credential only. A request that names its organization in a header or a path runs
/// a query of its own.
pub(crate) struct Loaders {
    /// The session, and the membership that it acts in by default.
    pub(super) defaults: Arc<BatchLoader<String, SessionAndMembership>>,
    /// The session without a membership.
    pub(super) sessions: Arc<BatchLoader<String, live_session::Model>>,
    pub(super) tokens: Arc<BatchLoader<TokenDigest, live_token::Model>>,
}

impl Loaders {
    pub(crate) fn new(db: &Database, lifetime: SessionLifetime) -> Self {
        let (first, second, third) = (db.clone(), db.clone(), db.clone());
        Self {
            defaults: BatchLoader::new(move |keys| defaults(first.clone(), lifetime, keys)),
            sessions: BatchLoader::new(move |keys| sessions(second.clone(), lifetime, keys)),
            tokens: BatchLoader::new(move |digests| tokens(third.clone(), digests)),
        }
    }
}

async fn defaults(
    db: Database,
    lifetime: SessionLifetime,
    keys: Vec<String>,
) -> Result<HashMap<String, SessionAndMembership>, DbError> {
    failpoint(&db).await;
    let rows = db.read_global();
    let live = live_sessions(pad_to_power_of_two(keys), &lifetime, db.runtime().now());
    let pairs = rows.find::<live_session::Entity>().filter(live);
    let pairs = order_by_oldest(
        pairs
            .with_related::<active_membership::Entity>()
            .on(default_membership()),
    );
    let found = pairs.distinct_on_key(Session::KeyHash).await?;
    let found = found.into_iter();
    Ok(found.map(|pair| (pair.0.key_hash.clone(), pair)).collect())
}

async fn sessions(
    db: Database,
    lifetime: SessionLifetime,
    keys: Vec<String>,
) -> Result<HashMap<String, live_session::Model>, DbError> {
    failpoint(&db).await;
    let live = live_sessions(pad_to_power_of_two(keys), &lifetime, db.runtime().now());
    let rows = db.read_global();
    let found = rows.find::<live_session::Entity>().filter(live).all();
    let found = found.await?.into_iter();
    Ok(found
        .map(|session| (session.key_hash.clone(), session))
        .collect())
}

async fn tokens(
    db: Database,
    digests: Vec<TokenDigest>,
) -> Result<HashMap<TokenDigest, live_token::Model>, DbError> {
    failpoint(&db).await;
    let now = db.runtime().now();
    let found = store::live(&db.read_global(), pad_to_power_of_two(digests), now).await?;
    let found = found.into_iter();
    Ok(found
        .map(|token| (token.secret_hash.clone(), token))
        .collect())
}

async fn failpoint(db: &Database) {
    db.runtime().failpoint("context.asked").await;
}

/// Postgres prepares a statement for each number of parameters, on each connection; padding keeps
/// these numbers few.
fn pad_to_power_of_two<K: Clone>(mut keys: Vec<K>) -> Vec<K> {
    if let Some(last) = keys.last().cloned() {
        keys.resize(keys.len().next_power_of_two(), last);
    }
    keys
}
