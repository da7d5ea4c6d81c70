//! Signing in.

use tenantry_testkit::{Backend, each_database, statements};
use tenantry_users::{ClientInfo, UsersError};

use crate::support::{PASSWORD, World, count, login};

each_database! {
    async fn the_right_password_gives_a_new_session(db: TestDatabase) {
        let world = World::new(&db).await;
        let first = world.sign_up("ada@example.com").await;
        world.events();
        let second = world.sign_in("ADA@example.com", PASSWORD).await.expect("signed in");
        assert_eq!(second.user, first.user);
        assert_ne!(second.key, first.key);
        assert_eq!(count(&db, "sessions").await, 2);
        assert_eq!(world.events(), ["users.user_signed_in"]);
    }

    async fn every_failed_login_gets_the_same_response_for_the_same_work(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        world.create("gone@example.com").await;
        db.execute("UPDATE users SET is_active = false WHERE email = 'gone@example.com'").await;
        world.events();
        let mut statements_of = Vec::new();
        for (email, password) in [
            ("ada@example.com", "wrong horse battery"),
            ("ada@example.com", ""),
            ("nobody@example.com", PASSWORD),
            ("gone@example.com", PASSWORD),
        ] {
            let before = world.hasher.computed();
            let (refused, sent) = statements(world.sign_in(email, password)).await;
            statements_of.push(sent);
            assert!(matches!(refused, Err(UsersError::InvalidCredentials)), "{email}");
            assert_eq!(world.hasher.computed() - before, 1, "{email}");
        }
        // The same work for the database as well, whether there is an account or not.
        assert!(statements_of.iter().all(|sent| *sent == statements_of[0] && sent.len() == 1), "{statements_of:#?}");
        assert_eq!(count(&db, "sessions").await, 0);
        assert_eq!(world.events(), Vec::<String>::new());
    }

    async fn composed_and_decomposed_input_is_the_same_password(db: TestDatabase) {
        let world = World::new(&db).await;
        let mut account = crate::support::account("ada@example.com");
        account.password = "caf\u{e9} au lait".parse().expect("a password");
        world.users.sign_up(account, ClientInfo::default()).await.expect("signed up");
        world.sign_in("ada@example.com", "cafe\u{301} au lait").await.expect("signed in");
    }

    async fn a_login_that_began_before_a_password_change_fails(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        world.events();
        // Hold the account, so that the login gets no further than checking the password.
        db.execute(match db.backend() {
            Backend::Sqlite => "BEGIN IMMEDIATE",
            Backend::Postgres => "BEGIN; SELECT 1 FROM users FOR UPDATE",
        })
        .await;
        let before = world.hasher.computed();
        let users = world.users.clone();
        let login = login("ada@example.com", PASSWORD);
        let attempt = tokio::spawn(async move { users.sign_in(login, ClientInfo::default()).await });
        while world.hasher.computed() == before {
            tokio::task::yield_now().await;
        }
        db.execute("UPDATE users SET password_hash = 'another'; COMMIT").await;
        let refused = attempt.await.expect("no panic");
        assert!(matches!(refused, Err(UsersError::InvalidCredentials)));
        assert_eq!(count(&db, "sessions").await, 0);
        assert_eq!(world.events(), Vec::<String>::new());
    }

    async fn an_unreadable_stored_hash_is_an_internal_error(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        db.execute("UPDATE users SET password_hash = 'plain text'").await;
        let refused = world.sign_in("ada@example.com", "plain text").await;
        assert!(matches!(refused, Err(UsersError::Hashing(_))));
    }

    async fn a_session_records_the_user_agent(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.create("ada@example.com").await;
        let client = ClientInfo {
            request: None,
            address: None,
            user_agent: Some("Browser/1.0".parse().expect("one line")),
        };
        let login = login("ada@example.com", PASSWORD);
        world.users.sign_in(login, client).await.expect("signed in");
        let caller = world.caller(&ada).await;
        let session = world.sessions(&caller).await.remove(0);
        assert_eq!(session.user_agent.expect("known").as_str(), "Browser/1.0");
    }
}
