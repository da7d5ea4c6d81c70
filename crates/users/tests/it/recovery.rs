//! The recovery of accounts does the same work for every address.

use tenantry_testkit::{each_database, statements};
use tenantry_users::ClientInfo;

use crate::support::{World, account, count};

each_database! {
    async fn a_forgotten_password_costs_the_same_for_every_address(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        world.create("gone@example.com").await;
        db.execute("UPDATE users SET is_active = false WHERE email = 'gone@example.com'").await;
        world.events();
        let client = ClientInfo::default();
        // The first request for an address inserts a row, and a later one replaces its secret.
        for _ in 0..2 {
            let mut works = Vec::new();
            for email in ["ada@example.com", "gone@example.com", "nobody@example.com"] {
                let email = email.parse().expect("an address");
                let forgotten = world.users.forgot_password(&email, &client);
                let (asked, sent) = statements(forgotten).await;
                asked.expect("asked");
                works.push((sent, world.events()));
            }
            assert!(works.iter().all(|work| *work == works[0]), "{works:#?}");
            assert_eq!(works[0].1, ["mail.mail_due"]);
        }
        assert_eq!(count(&db, "account_links").await, 3);
    }

    async fn a_signup_by_mail_hashes_the_password_for_a_known_address_too(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        let client = ClientInfo::default();
        for email in ["ada@example.com", "new@example.com"] {
            let before = world.hasher.computed();
            let signed_up = world.users.sign_up_by_mail(account(email), &client).await;
            signed_up.expect("the same answer");
            assert_eq!(world.hasher.computed() - before, 1, "{email}");
        }
        assert_eq!(count(&db, "users").await, 2);
        assert_eq!(count(&db, "sessions").await, 0);
        assert_eq!(count(&db, "account_links").await, 2);
    }

    async fn dead_links_are_deleted_after_a_while(db: TestDatabase) {
        let world = World::new(&db).await;
        let client = ClientInfo::default();
        for (hours, rows) in [(0, 1), (24, 2), (2, 2), (48, 1)] {
            world.clock.advance(chrono::TimeDelta::hours(hours));
            let email = format!("nobody-{hours}@example.com").parse().expect("an address");
            world.users.forgot_password(&email, &client).await.expect("asked");
            assert_eq!(count(&db, "account_links").await, rows, "after {hours} more hours");
        }
    }
}
