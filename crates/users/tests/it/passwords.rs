//! Storing and changing passwords.

use tenantry_testkit::each_database;
use tenantry_users::{ClientInfo, HashingCapacity, PasswordChange, PasswordCost, UsersError};

use crate::support::{PASSWORD, World, login};

const NEW: &str = "purple monkey dishwasher";

fn change(current: &str) -> PasswordChange {
    PasswordChange {
        current: current.parse().expect("short enough"),
        new: NEW.parse().expect("a password"),
    }
}

each_database! {
    async fn a_password_is_stored_as_a_salted_hash(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        world.create("bob@example.com").await;
        let rows = db.query("SELECT password_hash FROM users").await;
        let hash = rows[0]["password_hash"].as_str().expect("text");
        assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
        assert_ne!(rows[0], rows[1]);
    }

    async fn a_changed_password_ends_all_sessions_but_the_callers(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let bob = world.sign_up("bob@example.com").await.user;
        world.clock.advance(chrono::TimeDelta::minutes(1));
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        let caller = world.caller(&ada).await;
        assert_eq!(world.sessions(&caller).await.len(), 2);
        world.events();

        world.users.change_password(&caller, change(PASSWORD)).await.expect("changed");

        let left = world.sessions(&caller).await;
        assert_eq!(left.len(), 1);
        assert!(left[0].current);
        let bob = world.caller(&bob).await;
        assert_eq!(world.sessions(&bob).await.len(), 1);
        assert_eq!(world.events(), ["users.password_changed"]);
        let old = world.sign_in("ada@example.com", PASSWORD).await;
        assert!(matches!(old, Err(UsersError::InvalidCredentials)));
        world.sign_in("ada@example.com", NEW).await.expect("signed in");
    }

    async fn a_wrong_current_password_changes_nothing(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
        let caller = world.caller(&ada).await;
        world.events();
        let refused = world.users.change_password(&caller, change("not my password")).await;
        assert!(matches!(refused, Err(UsersError::WrongPassword)));
        assert_eq!(world.sessions(&caller).await.len(), 2);
        assert_eq!(world.events(), Vec::<String>::new());
        world.sign_in("ada@example.com", PASSWORD).await.expect("signed in");
    }

    async fn a_change_that_fails_half_way_is_rolled_back_without_an_event(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let caller = world.caller(&ada).await;
        world.events();
        let hash = "SELECT password_hash FROM users";
        let before = db.query(hash).await;
        db.execute("DROP VIEW live_sessions; DROP VIEW account_last_use; DROP TABLE sessions").await;
        let failed = world.users.change_password(&caller, change(PASSWORD)).await;
        assert!(matches!(failed, Err(UsersError::Database(_))));
        assert_eq!(db.query(hash).await, before);
        assert_eq!(world.events(), Vec::<String>::new());
    }

    async fn a_login_rehashes_a_hash_of_another_cost_once(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        let (hasher, users) =
            world.other_process(PasswordCost::default(), HashingCapacity::default());
        let sign_in = || users.sign_in(login("ada@example.com", PASSWORD), ClientInfo::default());
        sign_in().await.expect("signed in");
        assert_eq!(hasher.computed(), 2);
        let rows = db.query("SELECT password_hash FROM users").await;
        let hash = rows[0]["password_hash"].as_str().expect("text");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        sign_in().await.expect("signed in");
        assert_eq!(hasher.computed(), 3);
    }

    async fn a_wrong_password_rehashes_nothing(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        let (hasher, users) =
            world.other_process(PasswordCost::default(), HashingCapacity::default());
        let wrong = login("ada@example.com", "wrong horse battery");
        assert!(users.sign_in(wrong, ClientInfo::default()).await.is_err());
        assert_eq!(hasher.computed(), 1);
    }
}
