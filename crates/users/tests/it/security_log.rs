//! The security log: denials are aggregated, buffered and recorded later.

use chrono::TimeDelta;
use tenantry_core::{
    access::{Actor, DenialLog as _, PermissionDenial},
    id::{UserId, Uuid},
};
use tenantry_testkit::each_database;

use crate::support::{PASSWORD, World, count};

fn denial(user: UserId, permission: &'static str) -> PermissionDenial {
    PermissionDenial {
        user,
        organization: Uuid::from_u128(3).into(),
        permission,
        actor: Actor {
            user: Some(user),
            request: Some(Uuid::from_u128(9)),
            ..Actor::system()
        },
    }
}

each_database! {
    async fn denials_are_aggregated_and_recorded_at_a_flush(db: TestDatabase) {
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
            world.sign_in(email, password).await.expect_err("rejected");
            world.clock.advance(TimeDelta::seconds(1));
        }
        world.access.denied(denial(ada.id, "projects.manage"));
        world.access.denied(denial(ada.id, "projects.manage"));
        world.access.denied(denial(ada.id, "audit_log.view"));
        assert_eq!(world.events(), [""; 0]);
        world.access.flush().await;

        let events = world.published();
        let mut recorded: Vec<_> = events.iter().map(|event| {
            let what = &event.payload["reason"].as_str().or(event.payload["permission"].as_str());
            (event.name.as_str(), what.expect("either"), event.payload["times"].as_i64().expect("a number"), event.actor_id)
        }).collect();
        recorded.sort();
        assert_eq!(recorded, [
            ("users.permission_refused", "audit_log.view", 1, Some(ada.id)),
            ("users.permission_refused", "projects.manage", 2, Some(ada.id)),
            ("users.sign_in_failed", "disabled", 1, None),
            ("users.sign_in_failed", "wrong_password", 2, None),
        ]);
        world.access.flush().await;
        assert_eq!(world.events(), [""; 0], "once");

        // The times are those of the denials, not of the recording.
        world.sign_in("ada@example.com", "wrong horse battery").await.expect_err("rejected");
        let last = world.database.runtime().now();
        world.clock.advance(TimeDelta::seconds(50));
        world.access.flush().await;
        let event = world.published().remove(0);
        let moment = |name: &str| event.payload[name].as_str().expect("a moment").parse();
        assert_eq!(moment("first_at"), Ok(last));
        assert_eq!(moment("last_at"), Ok(last));
        assert!(began < last && last < event.occurred_at);
    }

    async fn denials_that_could_not_be_written_are_recorded_at_the_next_flush(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.create("ada@example.com").await;
        world.events();
        db.execute("ALTER TABLE event_log RENAME TO away").await;
        for permission in ["projects.manage", "audit_log.view"] {
            world.access.denied(denial(ada.id, permission));
        }
        world.access.flush().await;
        world.access.denied(denial(ada.id, "projects.manage"));
        assert_eq!(world.events(), [""; 0]);
        db.execute("ALTER TABLE away RENAME TO event_log").await;
        world.access.flush().await;
        let events = world.published();
        let times: i64 = events.iter().map(|event| event.payload["times"].as_i64().expect("a number")).sum();
        assert_eq!((events.len(), times), (2, 3));
    }

    async fn denials_of_one_user_do_not_hide_those_of_another(db: TestDatabase) {
        let world = World::new(&db).await;
        let ada = world.create("ada@example.com").await;
        world.events();
        for user in 0..60 {
            for organization in 0..100 {
                world.access.denied(PermissionDenial {
                    organization: Uuid::from_u128(organization).into(),
                    ..denial(Uuid::from_u128(user).into(), "projects.manage")
                });
            }
        }
        world.sign_in("ada@example.com", "wrong horse battery").await.expect_err("rejected");
        world.access.flush().await;
        let noted = "SELECT count(*) AS n FROM event_log WHERE name = 'users.sign_in_failed'";
        assert_eq!(db.number(noted).await, 1, "of {}", ada.id);
        let of_one = "SELECT max(n) AS n FROM (SELECT count(*) AS n FROM event_log GROUP BY stream_id) AS each";
        assert_eq!(db.number(of_one).await, 20);
        let refusals = "SELECT count(*) AS n FROM event_log WHERE name = 'users.permission_refused'";
        assert_eq!(db.number(refusals).await, 1_000);
    }

    async fn a_flood_of_denials_is_not_a_flood_of_writes(db: TestDatabase) {
        let world = World::new(&db).await;
        for n in 0..3_000 {
            world.access.denied(denial(Uuid::from_u128(n % 1_500).into(), "projects.manage"));
        }
        world.access.flush().await;
        assert_eq!(count(&db, "event_log").await, 1_000);
        world.access.flush().await;
        assert_eq!(count(&db, "event_log").await, 1_000);
    }
}
