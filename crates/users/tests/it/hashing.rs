//! The bounded queue in front of the hashing threads.

use tenantry_testkit::each_database;
use tenantry_users::{HashingCapacity, PasswordCost, UsersError, Visitor};

use crate::support::{PASSWORD, World, account, login};

/// Nobody is ever served, so that whoever comes stays in the queue.
const STUCK: HashingCapacity = HashingCapacity {
    at_once: 0,
    waiting: 64,
};

each_database! {
    async fn who_finds_the_queue_full_is_sent_away_without_hashing(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        let (hasher, users) = world.other_process(PasswordCost::minimal(), STUCK);
        let waiting: Vec<_> = (0..64)
            .map(|_| {
                let users = users.clone();
                let login = login("ada@example.com", PASSWORD);
                tokio::spawn(async move { users.sign_in(login, Visitor::default()).await })
            })
            .collect();
        while hasher.busy() < 64 {
            tokio::task::yield_now().await;
        }

        let refused = users.sign_in(login("ada@example.com", PASSWORD), Visitor::default()).await;
        assert!(matches!(refused, Err(UsersError::Busy)));
        let refused = users.sign_up(account("bob@example.com"), Visitor::default()).await;
        assert!(matches!(refused, Err(UsersError::Busy)));
        assert_eq!(hasher.computed(), 0);

        // Who gives up leaves his place to others.
        for waiter in waiting {
            waiter.abort();
            assert!(waiter.await.expect_err("still waiting").is_cancelled());
        }
        assert_eq!(hasher.busy(), 0);
    }

    async fn places_are_given_back(db: TestDatabase) {
        let world = World::new(&db).await;
        let one = HashingCapacity { at_once: 1, waiting: 0 };
        let (hasher, users) = world.other_process(PasswordCost::minimal(), one);
        users.sign_up(account("ada@example.com"), Visitor::default()).await.expect("signed up");
        for password in [PASSWORD, "wrong horse battery", PASSWORD] {
            let attempt = users.sign_in(login("ada@example.com", password), Visitor::default());
            assert_eq!(attempt.await.is_ok(), password == PASSWORD);
        }
        assert_eq!((hasher.computed(), hasher.busy()), (4, 0));
    }
}
