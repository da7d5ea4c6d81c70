//! Row-level security of the event log: a transaction sees the events of its organization, and
//! one without an organization those of none.

use sea_orm::ConnectionTrait as _;
use tenantry_core::{
    access::Actor,
    event::{DomainEvent, EventKind},
    id::{OrganizationId, UserId, Uuid},
};
use tenantry_testkit::{Backend, World, run};

use super::raw_sql::raw_application;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct InOrganization(OrganizationId);

impl DomainEvent for InOrganization {
    const NAME: &'static str = "library.in_organization";
    const VERSION: u16 = 1;
    const KIND: EventKind = EventKind::Change;
    type Stream = OrganizationId;

    fn stream(&self) -> OrganizationId {
        self.0
    }
}

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
struct OfAPerson(UserId);

impl DomainEvent for OfAPerson {
    const NAME: &'static str = "library.of_a_person";
    const VERSION: u16 = 1;
    const KIND: EventKind = EventKind::Change;
    type Stream = UserId;

    fn stream(&self) -> UserId {
        self.0
    }
}

const OURS: Uuid = Uuid::from_u128(1);
const THEIRS: Uuid = Uuid::from_u128(2);
const PERSON: Uuid = Uuid::from_u128(3);

#[test]
fn a_transaction_sees_only_the_events_of_its_organization() {
    run(Backend::Postgres, async |db| {
        let world = World::new(db).await;
        // A unit of work may write to several streams; it sets the organization of each in turn.
        let mut work = world.database.begin(Actor::system());
        work.record(&InOrganization(THEIRS.into()));
        work.record(&OfAPerson(PERSON.into()));
        work.record(&InOrganization(OURS.into()));
        work.record(&InOrganization(THEIRS.into()));
        work.commit().await.expect("committed");

        let raw = raw_application(&world.raw).await;
        let seen = async |setting: &str| {
            let begin = format!("BEGIN; {setting}");
            raw.execute_unprepared(&begin).await.expect("begun");
            let found = raw.query_all_raw(sea_orm::Statement::from_string(
                sea_orm::DbBackend::Postgres,
                "SELECT stream_id FROM event_log ORDER BY stream_id, number",
            ));
            let found = found.await.expect("rows");
            raw.execute_unprepared("ROLLBACK").await.expect("ended");
            let ids = found.iter().map(|row| row.try_get("", "stream_id"));
            ids.collect::<Result<Vec<Uuid>, _>>().expect("ids")
        };
        let named = |id| format!("SET LOCAL app.organization_id = '{id}'");
        assert_eq!(seen(&named(OURS)).await, [OURS]);
        assert_eq!(seen(&named(THEIRS)).await, [THEIRS, THEIRS]);
        assert_eq!(seen(&named(PERSON)).await, Vec::<Uuid>::new());
        assert_eq!(seen("").await, [PERSON]);
    });
}

#[test]
fn no_event_can_be_put_into_another_organizations_log() {
    run(Backend::Postgres, async |db| {
        let raw = raw_application(&db).await;
        for (named, organization) in [
            (format!("'{OURS}'"), format!("'{THEIRS}'")),
            (format!("'{OURS}'"), "NULL".to_owned()),
            ("''".to_owned(), format!("'{THEIRS}'")),
        ] {
            let smuggle = format!(
                "BEGIN; SET LOCAL app.organization_id = {named};
                 INSERT INTO event_log (stream_id, number, id, organization_id, name, version,
                                        occurred_at, payload)
                 VALUES (gen_random_uuid(), 1, gen_random_uuid(), {organization}, 'x', 1, now(),
                         '{{}}')"
            );
            let refused = raw.execute_unprepared(&smuggle).await.expect_err("refused");
            let said = refused.to_string();
            assert!(said.contains("row-level security"), "{said}");
            raw.execute_unprepared("ROLLBACK").await.expect("ended");
        }
    });
}

#[test]
fn the_application_can_neither_delete_nor_change_events() {
    run(Backend::Postgres, async |db| {
        let world = World::new(db).await;
        let mut work = world.database.begin(Actor::system());
        work.record(&InOrganization(OURS.into()));
        work.commit().await.expect("committed");

        let raw = raw_application(&world.raw).await;
        for change in [
            "DELETE FROM event_log",
            "UPDATE event_log SET actor_id = NULL",
            "UPDATE event_log SET actor_name = NULL",
            "TRUNCATE event_log",
        ] {
            let attempt = format!("BEGIN; SET LOCAL app.organization_id = '{OURS}'; {change}");
            let refused = raw.execute_unprepared(&attempt).await.expect_err(change);
            assert!(
                refused.to_string().contains("permission denied"),
                "{refused}"
            );
            raw.execute_unprepared("ROLLBACK").await.expect("ended");
        }
        // The function keeps the events of the last day, whatever its caller passes.
        let all = "BEGIN READ WRITE; SET LOCAL app.organization_id = '';
             SELECT prune_event_log('change', 'infinity', 10); COMMIT";
        world
            .raw
            .execute("UPDATE event_log SET occurred_at = now()")
            .await;
        raw.execute_unprepared(all).await.expect("called");
        let left = "SELECT count(*) AS n FROM event_log";
        assert_eq!(world.raw.number(left).await, 1);
        let older = "UPDATE event_log SET occurred_at = now() - interval '25 hours'";
        world.raw.execute(older).await;
        raw.execute_unprepared(all).await.expect("called");
        assert_eq!(world.raw.number(left).await, 0);
    });
}

#[test]
fn only_the_owner_and_a_deletion_remove_names_from_the_log() {
    run(Backend::Postgres, async |db| {
        let world = World::new(db).await;
        let acme = world.organization("acme").await;
        let ada = world.user("Ada").await;
        let mut work = world.database.begin(Actor {
            user: Some(ada),
            ..Actor::system()
        });
        work.record(&InOrganization(acme));
        work.commit().await.expect("committed");
        let named = "SELECT count(*) AS n FROM event_log WHERE actor_name = 'Ada'";
        let raw = raw_application(&world.raw).await;
        let redact = format!(
            "BEGIN READ WRITE; SET LOCAL app.organization_id = '';
             SELECT redact_event_log('{acme}', 0, 10); COMMIT"
        );
        raw.execute_unprepared(&redact).await.expect("called");
        assert_eq!(world.raw.number(named).await, 1, "it is not being deleted");
        world
            .raw
            .execute("UPDATE organizations SET deleted_at = now()")
            .await;
        raw.execute_unprepared(&redact).await.expect("called");
        assert_eq!(world.raw.number(named).await, 0);

        // The erasure of a person, as docs/operating-events.md has it.
        let mut work = world.database.begin(Actor {
            user: Some(ada),
            ..Actor::system()
        });
        work.record(&InOrganization(acme));
        work.record(&OfAPerson(ada));
        work.commit().await.expect("committed");
        assert_eq!(world.raw.number(named).await, 2);
        let owner = sea_orm::Database::connect(world.raw.owner_url())
            .await
            .expect("connected");
        let erase = format!(
            "UPDATE event_log SET actor_name = NULL, actor_email = NULL, token_name = NULL,
               changes = NULL, client_address = NULL, client_program = NULL
             WHERE actor_id = '{ada}' OR stream_id = '{ada}'"
        );
        owner.execute_unprepared(&erase).await.expect("changed");
        assert_eq!(world.raw.number(named).await, 0);
    });
}
