//! What people were refused: recorded for them, together, and in nobody's way.

use chrono::TimeDelta;
use tenantry_core::{
    access::{DenialLog as _, PermissionDenial},
    id::{UserId, Uuid},
};
use tenantry_testkit::each_database;

use crate::support::{PASSWORD, World, count};

fn refused(user: UserId, permission: &'static str) -> PermissionDenial {
    PermissionDenial {
        user,
        organization: Uuid::from_u128(3).into(),
        permission,
        request: Some(Uuid::from_u128(9)),
    }
}

each_database! {
    async fn refusals_are_recorded_together_and_not_before_it_is_their_time(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.create("ada@example.com").await;
        world.create("gone@example.com").await;
        db.execute("UPDATE users SET is_active = false WHERE email = 'gone@example.com'").await;
        world.events();
        let began = world.database.runtime().now();
        for (email, password) in [
            ("ada@example.com", "wrong horse battery"),
            ("gone@example.com", PASSWORD),
            ("nobody@example.com", PASSWORD),
            ("ada@example.com", "another wrong one"),
        ] {
            world.sign_in(email, password).await.expect_err("not let in");
            world.clock.advance(TimeDelta::seconds(1));
        }
        world.access.denied(refused(ada.id, "projects.manage"));
        world.access.denied(refused(ada.id, "projects.manage"));
        world.access.denied(refused(ada.id, "audit_log.view"));
        assert_eq!(world.events(), [""; 0]);
        world.access.flush().await;

        let told = world.told();
        let mut told: Vec<_> = told.iter().map(|event| {
            let what = &event.payload["reason"].as_str().or(event.payload["permission"].as_str());
            (event.name.as_str(), what.expect("either"), event.payload["times"].as_i64().expect("a number"), event.actor_id)
        }).collect();
        told.sort();
        assert_eq!(told, [
            ("users.permission_refused", "audit_log.view", 1, Some(ada.id)),
            ("users.permission_refused", "projects.manage", 2, Some(ada.id)),
            ("users.sign_in_failed", "disabled", 1, None),
            ("users.sign_in_failed", "wrong_password", 2, None),
        ]);
        world.access.flush().await;
        assert_eq!(world.events(), [""; 0], "once");

        // They say when it was, and not when it was recorded.
        world.sign_in("ada@example.com", "wrong horse battery").await.expect_err("not let in");
        let last = world.database.runtime().now();
        world.clock.advance(TimeDelta::seconds(50));
        world.access.flush().await;
        let told = world.told().remove(0);
        let moment = |name: &str| told.payload[name].as_str().expect("a moment").parse();
        assert_eq!(moment("first_at"), Ok(last));
        assert_eq!(moment("last_at"), Ok(last));
        assert!(began < last && last < told.occurred_at);
    }

    async fn what_the_database_refuses_is_kept_for_later(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.create("ada@example.com").await;
        world.events();
        db.execute("ALTER TABLE event_log RENAME TO away").await;
        for permission in ["projects.manage", "audit_log.view"] {
            world.access.denied(refused(ada.id, permission));
        }
        world.access.flush().await;
        world.access.denied(refused(ada.id, "projects.manage"));
        assert_eq!(world.events(), [""; 0]);
        db.execute("ALTER TABLE away RENAME TO event_log").await;
        world.access.flush().await;
        let told = world.told();
        let times: i64 = told.iter().map(|event| event.payload["times"].as_i64().expect("a number")).sum();
        assert_eq!((told.len(), times), (2, 3));
    }

    async fn a_flood_of_refusals_is_not_a_flood_of_writes(db: TestDatabase) {
        let world = World::new(&db).await;
        for n in 0..3_000 {
            world.access.denied(refused(Uuid::from_u128(n % 1_500).into(), "projects.manage"));
        }
        world.access.flush().await;
        assert_eq!(count(&db, "event_log").await, 1_000);
        world.access.flush().await;
        assert_eq!(count(&db, "event_log").await, 1_000);
    }
}
