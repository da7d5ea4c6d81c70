//! Callers who come at the same time are asked for together, on Postgres: to ask SQLite for
//! several is no cheaper than to ask for each.

use std::{
    pin::Pin,
    task::{Context, Waker},
};

use futures_util::future::join_all;
use tenantry_core::{
    access::{AccessError, RequiredContext, ResolvedContext, Role},
    error::DomainError as _,
    id::{OrganizationId, UserId},
};
use tenantry_testkit::{Backend, Failpoint, TestDatabase, run};
use tokio::runtime::Runtime;

use crate::support::{Stage, ask};

const PLACE: &str = "context.asked";

type Answer = Result<ResolvedContext, AccessError>;
type Asking<'s> = Pin<Box<dyn Future<Output = Answer> + Send + 's>>;

/// Somebody with an organization of his own, and a session whose key is his name.
async fn person(stage: &Stage, named: &str) -> (UserId, OrganizationId) {
    let user = stage.world.user(named).await;
    let organization = stage.world.organization(named).await;
    stage.world.join(organization, user, Role::Member).await;
    stage.session(user, named).await;
    (user, organization)
}

fn asks<'s>(stage: &'s Stage, key: &str) -> Asking<'s> {
    stage
        .organizations
        .resolve(ask(key, RequiredContext::ActiveTenant, None))
}

/// The first one, held where he has sent nothing yet; and another gate behind, for the next.
async fn held<'s>(stage: &'s Stage, key: &str) -> (Asking<'s>, Failpoint, Failpoint) {
    let first_gate = stage.world.gates.close(PLACE);
    let mut first = asks(stage, key);
    wait(&mut first);
    first_gate.reached(1).await;
    (first, first_gate, stage.world.gates.close(PLACE))
}

/// Comes as far as he can by himself.
fn wait(asking: &mut Asking<'_>) {
    let polled = asking
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "nobody held him");
}

fn acts_in(answer: Answer) -> (UserId, OrganizationId) {
    let tenant = answer.expect("let in").tenant.expect("a tenant");
    (tenant.user(), tenant.organization())
}

#[test]
fn those_who_come_together_are_asked_for_once_and_told_each_his_own() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let stage = Stage::saas(db).await;
        let names: Vec<_> = (0..70).map(|n| format!("p{n}")).collect();
        let mut people = Vec::new();
        for name in &names {
            people.push(person(&stage, name).await);
        }
        let (first, gate, next) = held(&stage, "p0").await;
        // Somebody comes twice, and somebody whom nobody knows.
        let mut others: Vec<_> = names.iter().map(|name| asks(&stage, name)).collect();
        let mut stranger = asks(&stage, "a stranger's");
        wait(&mut stranger);
        others.iter_mut().for_each(wait);

        gate.open();
        assert_eq!(acts_in(first.await), people[0]);
        // One question for 64 of them. Each by himself would have come to the first gate.
        next.reached(1).await;
        others.iter_mut().for_each(wait);
        next.open();
        for (other, person) in others.into_iter().zip(people) {
            assert_eq!(acts_in(other.await), person);
        }
        assert_eq!(
            stranger.await.expect_err("refused").code(),
            "invalid_credential"
        );
    });
}

#[test]
fn what_ended_while_somebody_waited_lets_him_in_no_more() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let stage = Stage::saas(db).await;
        for name in ["first", "removed", "ended"] {
            person(&stage, name).await;
        }
        let (first, gate, next) = held(&stage, "first").await;
        let (mut removed, mut ended) = (asks(&stage, "removed"), asks(&stage, "ended"));
        wait(&mut removed);
        wait(&mut ended);
        for gone in [
            "DELETE FROM organization_members WHERE user_id = (SELECT id FROM users WHERE name = 'removed')",
            "DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE name = 'ended')",
        ] {
            assert_eq!(stage.world.raw.execute(gone).await, 1);
        }
        next.open();
        gate.open();
        assert!(first.await.is_ok());
        assert_eq!(
            removed.await.expect_err("refused").code(),
            "organization_required"
        );
        assert_eq!(
            ended.await.expect_err("refused").code(),
            "invalid_credential"
        );
    });
}

#[test]
fn whoever_hangs_up_while_he_asks_leaves_the_others_their_answer() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let stage = Stage::saas(db).await;
        let mut people = Vec::new();
        for name in ["first", "second", "third", "fourth"] {
            people.push(person(&stage, name).await);
        }
        let (first, gate, next) = held(&stage, "first").await;
        let [mut second, mut third] = ["second", "third"].map(|name| asks(&stage, name));
        wait(&mut second);
        wait(&mut third);
        drop(first);
        gate.open();
        next.reached(1).await;
        drop(second);
        next.open();
        assert_eq!(acts_in(third.await), people[2]);
        // And whoever comes later finds nobody in his way.
        assert_eq!(acts_in(asks(&stage, "fourth").await), people[3]);
    });
}

#[test]
fn where_the_database_is_away_each_who_waits_is_told_at_once() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let stage = Stage::saas(db).await;
        for name in ["first", "second"] {
            person(&stage, name).await;
        }
        let (first, gate, next) = held(&stage, "first").await;
        let mut others = ["second", "second"].map(|name| asks(&stage, name));
        others.iter_mut().for_each(wait);
        stage.world.database.close().await;
        gate.open();
        let first = first.await;
        // And nobody was asked for once more: he would have come to the next gate.
        for answer in [first].into_iter().chain(join_all(others).await) {
            let code = answer.expect_err("no database").code();
            assert_eq!(code, "database_unavailable");
        }
        drop(next);
    });
}

#[test]
fn a_question_without_an_answer_is_given_up_and_each_asks_for_himself() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let stage = Stage::saas(db).await;
        let mut people = Vec::new();
        for name in ["first", "second"] {
            people.push(person(&stage, name).await);
        }
        // As on a connection that says nothing more: nobody opens it.
        let (first, _gate, next) = held(&stage, "first").await;
        let mut second = asks(&stage, "second");
        wait(&mut second);
        let again = async {
            next.reached(2).await;
            next.open();
        };
        let (first, second, ()) = tokio::join!(first, second, again);
        assert_eq!([first, second].map(acts_in), people[..]);
    });
}

#[test]
fn a_server_that_ends_while_somebody_asks_ends() {
    let runtime = Runtime::new().expect("the operating system has threads left");
    let kept = runtime.block_on(async {
        let db = TestDatabase::new(Backend::Postgres).await;
        let stage = Stage::saas(db).await;
        for name in ["first", "second"] {
            person(&stage, name).await;
        }
        let (first, gate, next) = held(&stage, "first").await;
        let mut second = asks(&stage, "second");
        wait(&mut second);
        // Both hang up, and are in the line still.
        drop((first, second));
        (stage, gate, next)
    });
    drop(runtime);
    drop(kept);
}
