//! The session store, called the way the middleware of `actix-session` does.

use std::collections::HashMap;

use actix_session::storage::{SessionKey, SessionStore as _};
use actix_web::cookie::time::Duration;
use tenantry_testkit::each_database;
use tenantry_users::SessionStoreAdapter;

use crate::support::{World, count};

fn key(text: &str) -> SessionKey {
    SessionKey::try_from(text.to_owned()).expect("short enough")
}

each_database! {
    async fn loading_returns_the_key_without_a_query(db: TestDatabase) {
        let world = World::new(&db).await;
        world.database.close().await;
        let state = SessionStoreAdapter::new(world.database).load(&key("abc")).await;
        let state = state.expect("no database is needed").expect("a state");
        assert_eq!(state, HashMap::from([("key".to_owned(), "\"abc\"".to_owned())]));
    }

    async fn saving_puts_the_key_of_a_new_session_into_the_cookie(db: TestDatabase) {
        let world = World::new(&db).await;
        let store = SessionStoreAdapter::new(world.database.clone());
        let state = HashMap::from([("key".to_owned(), "\"abc\"".to_owned())]);
        let saved = store.save(state, &Duration::DAY).await.expect("saved");
        assert_eq!(saved, key("abc"));
        assert!(store.save(HashMap::new(), &Duration::DAY).await.is_err());
    }

    async fn no_update_revives_a_session(db: TestDatabase) {
        let world = World::new(&db).await;
        let made = world.sign_up("ada@example.com").await.key;
        let store = SessionStoreAdapter::new(world.database.clone());
        let ended = key(made.expose());
        store.delete(&ended).await.expect("deleted");
        store.update_ttl(&ended, &Duration::DAY).await.expect("nothing to do");
        let state = store.load(&ended).await.expect("loaded").expect("a state");
        assert!(store.update(ended, state, &Duration::DAY).await.is_err());
        assert_eq!(count(&db, "sessions").await, 0);
    }

    async fn deleting_ends_only_the_session_of_that_key(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await;
        world.sign_up("bob@example.com").await;
        let store = SessionStoreAdapter::new(world.database.clone());
        store.delete(&key("not a key")).await.expect("nothing to do");
        assert_eq!(count(&db, "sessions").await, 2);
        store.delete(&key(ada.key.expose())).await.expect("deleted");
        let rows = db.query("SELECT key_hash FROM sessions").await;
        assert_eq!(rows.len(), 1);
        assert_ne!(rows[0]["key_hash"], ada.key.digest().as_str());
    }
}
