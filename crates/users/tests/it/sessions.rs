//! The lifetime of sessions.

use chrono::TimeDelta;
use tenantry_core::{
    id::OrganizationId,
    page::{PageError, PageRequest, PageSize},
};
use tenantry_testkit::each_database;
use tenantry_users::UsersError;

use crate::support::{PASSWORD, World, count, no_session};

each_database! {
    async fn the_key_of_a_session_is_stored_nowhere(db: TestDatabase) {
        let world = World::new(&db).await;
        let key = world.sign_up("ada@example.com").await.key;
        let rows = db.query("SELECT * FROM sessions").await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["key_hash"], key.digest().as_str());
        let everything = format!("{rows:?}");
        assert!(!everything.contains(key.expose()));
    }

    async fn signing_out_ends_the_session_once(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        let caller = world.caller(&ada).await;
        world.events();
        world.users.sign_out(&caller).await.expect("signed out");
        assert_eq!(world.events(), ["users.session_ended"]);
        assert_eq!(count(&db, "sessions").await, 1);
        world.users.sign_out(&caller).await.expect("no error the second time");
        assert_eq!(world.events(), Vec::<String>::new());
    }

    async fn sessions_are_listed_newest_first_and_the_callers_is_marked(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let first = world.caller(&ada).await;
        world.clock.advance(TimeDelta::minutes(1));
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        let second = world.caller(&ada).await;
        world.sign_up("bob@example.com").await;
        let listed = world.sessions(&first).await;
        let seen: Vec<_> = listed.iter().map(|it| (it.id, it.current)).collect();
        assert_eq!(seen, [(second.session(), false), (first.session(), true)]);
    }

    async fn a_cursor_is_invalid_for_another_user(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let bob = world.sign_up("bob@example.com").await.user;
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        let limit = PageSize::new(1).expect("in range");
        let ada = world.caller(&ada).await;
        let first = PageRequest { limit, cursor: None };
        let first = world.users.sessions(&ada, &first).await.expect("listed");
        let next = PageRequest { limit, cursor: first.next_cursor };
        let rest = world.users.sessions(&ada, &next).await.expect("listed");
        assert_eq!((first.items.len(), rest.items.len()), (1, 1));
        let bob = world.caller(&bob).await;
        let foreign = world.users.sessions(&bob, &next).await;
        assert!(matches!(foreign, Err(UsersError::Page(PageError::InvalidCursor))));
    }

    async fn another_users_session_gets_the_response_of_an_unknown_one(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let bob = world.sign_up("bob@example.com").await.user;
        let (ada, bob) = (world.caller(&ada).await, world.caller(&bob).await);
        world.events();
        let foreign = world.users.end_session(&ada, bob.session()).await;
        let unknown = world.users.end_session(&ada, no_session()).await;
        assert!(matches!(foreign, Err(UsersError::UnknownSession)));
        assert!(matches!(unknown, Err(UsersError::UnknownSession)));
        assert_eq!(world.events(), Vec::<String>::new());
        assert_eq!(world.sessions(&bob).await.len(), 1);
    }

    async fn one_of_several_sessions_can_be_ended(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let old = world.caller(&ada).await;
        world.clock.advance(TimeDelta::minutes(1));
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        let new = world.caller(&ada).await;
        world.events();
        world.users.end_session(&new, old.session()).await.expect("ended");
        assert_eq!(world.sessions(&new).await.len(), 1);
        assert_eq!(world.events(), ["users.session_ended"]);
    }

    async fn the_organization_is_set_only_on_the_callers_session(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        world.sign_up("bob@example.com").await;
        let caller = world.caller(&ada).await;
        let acme = OrganizationId::from(tenantry_core::id::Uuid::from_u128(7));
        world.users.select_organization(&caller, acme).await.expect("set");
        let set = "SELECT user_id, selected_organization AS organization FROM sessions
                   WHERE selected_organization IS NOT NULL";
        let rows = db.query(set).await;
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["user_id"], ada.id.to_string());
        assert_eq!(rows[0]["organization"], acme.to_string());

        world.users.sign_out(&caller).await.expect("signed out");
        let late = world.users.select_organization(&caller, acme).await;
        assert!(matches!(late, Err(UsersError::SessionExpired)));
    }

    async fn a_session_in_use_outlives_the_idle_timeout(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let caller = world.caller(&ada).await;
        world.clock.advance(TimeDelta::days(6));
        world.users.keep_alive(caller.session()).await.expect("noted");
        world.clock.advance(TimeDelta::days(6));
        assert_eq!(world.sessions(&caller).await.len(), 1);
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(world.sessions(&caller).await.len(), 0);
    }

    async fn no_session_outlives_its_expiry(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let caller = world.caller(&ada).await;
        for _ in 0..29 {
            world.clock.advance(TimeDelta::days(1));
            world.users.keep_alive(caller.session()).await.expect("noted");
        }
        assert_eq!(world.sessions(&caller).await.len(), 1);
        world.clock.advance(TimeDelta::days(1));
        assert_eq!(world.sessions(&caller).await.len(), 0);
    }

    async fn use_does_not_revive_an_expired_or_ended_session(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let caller = world.caller(&ada).await;
        world.clock.advance(TimeDelta::days(7));
        world.users.keep_alive(caller.session()).await.expect("no error");
        assert_eq!(world.sessions(&caller).await.len(), 0);

        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        let ended = world.caller(&ada).await;
        world.users.sign_out(&ended).await.expect("signed out");
        world.users.keep_alive(ended.session()).await.expect("no error");
        assert_eq!(world.sessions(&ended).await.len(), 0);
    }

    async fn signing_in_deletes_only_the_users_own_expired_sessions(db: TestDatabase) {
        let world = World::new(&db).await;
        world.sign_up("ada@example.com").await;
        world.sign_up("bob@example.com").await;
        world.clock.advance(TimeDelta::days(3));
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        world.clock.advance(TimeDelta::days(4));
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        // The first of Ada's three is expired and deleted; Bob's is expired and still stored.
        assert_eq!(count(&db, "sessions").await, 3);
    }
}
