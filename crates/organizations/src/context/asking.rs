//! The questions that requests have in common, each asked for all who come at the same time.

use std::{collections::HashMap, sync::Arc};

use tenantry_core::db::{Database, DbError};
use tenantry_users::SessionLifetime;

use super::{
    batch::Batch,
    lookup::{SessionAndMembership, by_default, default_membership, live},
};
use crate::{
    TokenDigest,
    entity::{active_membership, live_session, live_session::Column as Session, live_token},
    tokens::store,
};

/// The questions that name nothing but a credential. What else a request names (a header, a path)
/// is its own, and so is its question.
pub(crate) struct Asking {
    /// The session, and the membership that it acts in.
    pub(super) defaults: Arc<Batch<String, SessionAndMembership>>,
    /// The session alone.
    pub(super) sessions: Arc<Batch<String, live_session::Model>>,
    pub(super) tokens: Arc<Batch<TokenDigest, live_token::Model>>,
}

impl Asking {
    pub(crate) fn new(db: &Database, lifetime: SessionLifetime) -> Self {
        let (first, second, third) = (db.clone(), db.clone(), db.clone());
        Self {
            defaults: Batch::new(move |keys| defaults(first.clone(), lifetime, keys)),
            sessions: Batch::new(move |keys| sessions(second.clone(), lifetime, keys)),
            tokens: Batch::new(move |digests| tokens(third.clone(), digests)),
        }
    }
}

async fn defaults(
    db: Database,
    lifetime: SessionLifetime,
    keys: Vec<String>,
) -> Result<HashMap<String, SessionAndMembership>, DbError> {
    asked(&db).await;
    let rows = db.read_global();
    let live = live(padded(keys), &lifetime, db.runtime().now());
    let pairs = rows.find::<live_session::Entity>().filter(live);
    let pairs = by_default(
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
    asked(&db).await;
    let live = live(padded(keys), &lifetime, db.runtime().now());
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
    asked(&db).await;
    let now = db.runtime().now();
    let found = store::live(&db.read_global(), padded(digests), now).await?;
    let found = found.into_iter();
    Ok(found
        .map(|token| (token.secret_hash.clone(), token))
        .collect())
}

/// A test can hold whoever asks, here.
async fn asked(db: &Database) {
    db.runtime().failpoint("context.asked").await;
}

/// As many as the next power of two: each number of keys is another statement to Postgres, which
/// each connection prepares for itself.
fn padded<K: Clone>(mut keys: Vec<K>) -> Vec<K> {
    if let Some(last) = keys.last().cloned() {
        keys.resize(keys.len().next_power_of_two(), last);
    }
    keys
}
