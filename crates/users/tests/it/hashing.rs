//! The bounded queue in front of the hashing threads.

#[cfg(target_os = "linux")]
use tenantry_testkit::{Backend, TestDatabase};
use tenantry_testkit::{each_database, statements};
use tenantry_users::{ClientInfo, HashingCapacity, PasswordCost, UsersError};

use crate::support::{PASSWORD, World, account, login};

/// No thread hashes, so that every caller stays in the queue.
const STUCK: HashingCapacity = HashingCapacity {
    concurrency: 0,
    queue: 64,
};

each_database! {
    async fn a_full_queue_rejects_without_any_work(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        let (hasher, users) = world.other_process(PasswordCost::minimal(), STUCK);
        let waiting: Vec<_> = (0..64)
            .map(|_| {
                let users = users.clone();
                let login = login("ada@example.com", PASSWORD);
                tokio::spawn(async move { users.sign_in(login, ClientInfo::default()).await })
            })
            .collect();
        while hasher.busy() < 64 {
            tokio::task::yield_now().await;
        }

        let signing_in = users.sign_in(login("ada@example.com", PASSWORD), ClientInfo::default());
        let (refused, sent) = statements(signing_in).await;
        assert!(matches!(refused, Err(UsersError::Busy)));
        assert_eq!(sent, [""; 0], "a rejected login takes no database connection");
        let refused = users.sign_up(account("bob@example.com"), ClientInfo::default()).await;
        assert!(matches!(refused, Err(UsersError::Busy)));
        assert_eq!(hasher.computed(), 0);

        // A cancelled caller frees its slot.
        for waiter in waiting {
            waiter.abort();
            assert!(waiter.await.expect_err("still waiting").is_cancelled());
        }
        assert_eq!(hasher.busy(), 0);
    }

    async fn slots_are_released(db: TestDatabase) {
        let world = World::new(&db).await;
        let one = HashingCapacity { concurrency: 1, queue: 0 };
        let (hasher, users) = world.other_process(PasswordCost::minimal(), one);
        users.sign_up(account("ada@example.com"), ClientInfo::default()).await.expect("signed up");
        for password in [PASSWORD, "wrong horse battery", PASSWORD] {
            let attempt = users.sign_in(login("ada@example.com", password), ClientInfo::default());
            assert_eq!(attempt.await.is_ok(), password == PASSWORD);
        }
        assert_eq!((hasher.computed(), hasher.busy()), (4, 0));
    }
}

/// The nice values of this process and of its hashing threads.
#[cfg(target_os = "linux")]
fn niceness() -> (i32, Vec<i32>) {
    let nice = |stat: &str| -> i32 {
        let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
        let nice = fields.split_whitespace().nth(16);
        nice.and_then(|text| text.parse().ok()).expect("a number")
    };
    let own = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let threads = std::fs::read_dir("/proc/self/task").expect("Linux");
    let stats = threads.filter_map(|thread| {
        // It may be gone by now.
        std::fs::read_to_string(thread.ok()?.path().join("stat")).ok()
    });
    let hashing = stats.filter(|stat| stat.contains("(hash)"));
    (nice(&own), hashing.map(|stat| nice(&stat)).collect())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn hashing_threads_have_a_lower_priority_than_the_process() {
    let db = TestDatabase::new(Backend::Sqlite).await;
    let world = World::new(&db).await;
    let (_, users) = world.other_process(PasswordCost::default(), HashingCapacity::default());
    let logins = tokio::spawn(async move {
        loop {
            let attempt = users.sign_in(login("ada@example.com", PASSWORD), ClientInfo::default());
            attempt.await.expect_err("no such account");
        }
    });
    loop {
        let (own, hashing) = niceness();
        if hashing.iter().any(|nice| *nice > own) {
            break;
        }
        tokio::task::yield_now().await;
    }
    logins.abort();
}
