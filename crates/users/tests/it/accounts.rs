//! Creating, finding and changing accounts.

use tenantry_core::{
    access::Actor,
    id::UserId,
    page::{PageRequest, PageSize},
};
use tenantry_testkit::each_database;
use tenantry_users::{ClientInfo, OperatorFlags, UserFilter, UsersError};

use crate::support::{World, account, count};

each_database! {
    async fn signing_up_creates_an_ordinary_active_account(db: TestDatabase) {
        let world = World::new(&db).await;
        let user = world.sign_up("Ada@Example.com").await.user;
        assert_eq!(user.email.as_str(), "ada@example.com");
        assert!(user.is_active && !user.is_staff && !user.is_superuser);
        assert_eq!(world.users.user(user.id).await.expect("found"), user);
        assert_eq!(world.events(), ["users.user_registered"]);
    }

    async fn an_address_is_taken_whatever_its_case(db: TestDatabase) {
        let world = World::new(&db).await;
        world.sign_up("ada@example.com").await;
        let again = world.users.sign_up(account(" ADA@example.COM "), ClientInfo::default());
        assert!(matches!(again.await, Err(UsersError::EmailTaken)));
        let flags = OperatorFlags::default();
        let again = world.users.create(account("Ada@Example.com"), flags, Actor::system());
        assert!(matches!(again.await, Err(UsersError::EmailTaken)));
    }

    async fn a_rejected_signup_leaves_no_row_and_no_event(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        world.events();
        let again = world.users.sign_up(account("ada@example.com"), ClientInfo::default());
        assert!(again.await.is_err());
        assert_eq!(world.events(), Vec::<String>::new());
        assert_eq!(count(&db, "users").await, 1);
        assert_eq!(count(&db, "sessions").await, 0);
    }

    async fn a_signup_whose_session_fails_creates_no_account(db: TestDatabase) {
        let world = World::new(&db).await;
        db.execute("DROP VIEW live_sessions; DROP VIEW account_last_use; DROP TABLE sessions").await;
        let signed_up = world.users.sign_up(account("ada@example.com"), ClientInfo::default());
        assert!(matches!(signed_up.await, Err(UsersError::Database(_))));
        assert_eq!(world.events(), Vec::<String>::new());
        assert_eq!(count(&db, "users").await, 0);
    }

    async fn accounts_created_by_an_operator_get_flags_and_no_session(db: TestDatabase) {
        let world = World::new(&db).await;
        let flags = OperatorFlags { is_staff: true, is_superuser: true };
        let account = account("root@example.com");
        let user = world.users.create(account, flags, Actor::system()).await.expect("created");
        assert!(user.is_staff && user.is_superuser);
        assert_eq!(count(&db, "sessions").await, 0);
        assert_eq!(world.events(), ["users.user_registered"]);
    }

    async fn accounts_are_found_by_address_and_by_id(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.create("ada@example.com").await;
        let address = "ADA@example.com".parse().expect("an address");
        let found = world.users.find_by_email(&address).await.expect("queried");
        assert_eq!(found, Some(ada));
        let unknown = "eve@example.com".parse().expect("an address");
        assert_eq!(world.users.find_by_email(&unknown).await.expect("queried"), None);
        let unknown = UserId::from(tenantry_core::id::Uuid::nil());
        assert!(matches!(world.users.user(unknown).await, Err(UsersError::UserNotFound)));
    }

    async fn a_batch_returns_each_known_account_once(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.create("ada@example.com").await;
        let bob = world.create("bob@example.com").await;
        world.create("eve@example.com").await;
        let unknown = UserId::from(tenantry_core::id::Uuid::nil());
        let ids = [bob.id, ada.id, unknown, ada.id];
        let mut found = world.users.users(&ids).await.expect("found");
        found.sort_by(|a, b| a.email.cmp(&b.email));
        assert_eq!(found, [ada, bob]);
        assert!(world.users.users(&[]).await.expect("nothing to find").is_empty());
    }

    async fn all_accounts_are_listed_in_pages(db: TestDatabase) {
        let world = World::new(&db).await;
        let mut expected = Vec::new();
        for number in 1..=3 {
            world.clock.advance(chrono::TimeDelta::seconds(1));
            expected.push(world.create(&format!("user{number}@example.com")).await);
        }
        let limit = PageSize::new(2).expect("in range");
        let first = PageRequest { limit, cursor: None };
        let first = world.users.list(&UserFilter::default(), &first).await.expect("listed");
        let second = PageRequest { limit, cursor: first.next_cursor };
        let second = world.users.list(&UserFilter::default(), &second).await.expect("listed");
        assert_eq!(second.next_cursor, None);
        assert_eq!([first.items, second.items].concat(), expected);
    }

    async fn renaming_changes_only_the_callers_name(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let bob = world.sign_up("bob@example.com").await.user;
        world.events();
        let caller = world.caller(&ada).await;
        let name = "Ada Lovelace".parse().expect("a name");
        let renamed = world.users.rename(&caller, name).await.expect("renamed");
        assert_eq!(renamed.name.as_str(), "Ada Lovelace");
        assert_eq!(world.users.user(ada.id).await.expect("found"), renamed);
        assert_eq!(world.users.user(bob.id).await.expect("found"), bob);
        assert_eq!(world.events(), ["users.user_renamed"]);
        let same = world.users.rename(&caller, renamed.name.clone()).await.expect("nothing to do");
        assert_eq!(same, renamed);
        assert!(world.events().is_empty());
    }

    async fn a_disabled_account_is_not_renamed(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let caller = world.caller(&ada).await;
        world.events();
        db.execute("UPDATE users SET is_active = false").await;
        let name = "Ada Lovelace".parse().expect("a name");
        let refused = world.users.rename(&caller, name).await;
        assert!(matches!(refused, Err(UsersError::SessionExpired)));
        assert_eq!(world.events(), Vec::<String>::new());
    }
    async fn operators_are_told_from_other_people(db: TestDatabase) {
        let world = World::new(&db).await;
        world.create("ada@example.com").await;
        for (address, flags) in [
            ("staff@example.com", OperatorFlags { is_staff: true, is_superuser: false }),
            ("root@example.com", OperatorFlags { is_staff: false, is_superuser: true }),
        ] {
            world.users.create(account(address), flags, Actor::system()).await.expect("created");
        }
        let listed = async |is_operator| {
            let wanted = UserFilter { is_operator, ..UserFilter::default() };
            let page = world.users.list(&wanted, &PageRequest::default()).await.expect("listed");
            page.items.into_iter().map(|user| user.email.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(listed(Some(true)).await, ["staff@example.com", "root@example.com"]);
        assert_eq!(listed(Some(false)).await, ["ada@example.com"]);
        assert_eq!(listed(None).await.len(), 3);
    }

    async fn an_operator_ends_all_sessions_of_one_account(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.sign_up("ada@example.com").await.user;
        let bob = world.sign_up("bob@example.com").await.user;
        let last_seen = world.users.last_seen(&[ada.id, bob.id]).await.expect("read");
        assert_eq!(last_seen.len(), 2);
        world.events();
        world.users.end_all_sessions(ada.id, Actor::system()).await.expect("ended");
        let last_seen = world.users.last_seen(&[ada.id, bob.id]).await.expect("read");
        assert_eq!(last_seen.keys().collect::<Vec<_>>(), [&bob.id]);
        assert_eq!(count(&db, "sessions").await, 1);
        assert_eq!(world.events(), ["users.all_sessions_ended"]);
        let unknown = world.users.end_all_sessions(UserId::from(tenantry_core::id::Uuid::nil()), Actor::system()).await;
        assert!(matches!(unknown, Err(UsersError::UserNotFound)));
    }
}
