//! Concurrent requests share one query for their contexts, on Postgres only: on SQLite a batch is no
//! cheaper than single queries.

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

use crate::support::{Fixture, session_request};

const BEFORE_QUERY: &str = "context.asked";

type Resolution = Result<ResolvedContext, AccessError>;
type Resolving<'s> = Pin<Box<dyn Future<Output = Resolution> + Send + 's>>;

/// A user with an organization and a session; the session's key is the user's name.
async fn person(fixture: &Fixture, named: &str) -> (UserId, OrganizationId) {
    let user = fixture.world.user(named).await;
    let organization = fixture.world.organization(named).await;
    fixture.world.join(organization, user, Role::Member).await;
    fixture.session(user, named).await;
    (user, organization)
}

fn resolving<'s>(fixture: &'s Fixture, key: &str) -> Resolving<'s> {
    fixture.organizations.resolver.resolve(session_request(
        key,
        RequiredContext::ActiveTenant,
        None,
    ))
}

/// The first request, held before its query is sent; and a second failpoint for the next batch.
async fn held<'s>(fixture: &'s Fixture, key: &str) -> (Resolving<'s>, Failpoint, Failpoint) {
    let first_gate = fixture.world.failpoints.close(BEFORE_QUERY);
    let mut first = resolving(fixture, key);
    wait(&mut first);
    first_gate.reached(1).await;
    (
        first,
        first_gate,
        fixture.world.failpoints.close(BEFORE_QUERY),
    )
}

/// Polls the request until it waits.
fn wait(resolving: &mut Resolving<'_>) {
    let polled = resolving
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(polled.is_pending(), "it waits");
}

fn acts_in(resolution: Resolution) -> (UserId, OrganizationId) {
    let tenant = resolution.expect("accepted").tenant.expect("a tenant");
    (tenant.user(), tenant.organization())
}

#[test]
fn concurrent_requests_share_one_query_and_get_their_own_results() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let fixture = Fixture::saas(db).await;
        let names: Vec<_> = (0..70).map(|n| format!("p{n}")).collect();
        let mut people = Vec::new();
        for name in &names {
            people.push(person(&fixture, name).await);
        }
        let (first, gate, next) = held(&fixture, "p0").await;
        // One of them comes twice, and one has an unknown session.
        let mut others: Vec<_> = names.iter().map(|name| resolving(&fixture, name)).collect();
        let mut stranger = resolving(&fixture, "unknown");
        wait(&mut stranger);
        others.iter_mut().for_each(wait);

        gate.open();
        assert_eq!(acts_in(first.await), people[0]);
        // One query for 64 of them. Single queries would have reached the first failpoint.
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
fn access_that_ends_while_a_request_waits_is_refused() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let fixture = Fixture::saas(db).await;
        for name in ["first", "removed", "ended"] {
            person(&fixture, name).await;
        }
        let (first, gate, next) = held(&fixture, "first").await;
        let (mut removed, mut ended) =
            (resolving(&fixture, "removed"), resolving(&fixture, "ended"));
        wait(&mut removed);
        wait(&mut ended);
        for gone in [
            "DELETE FROM organization_members WHERE user_id = (SELECT id FROM users WHERE name = 'removed')",
            "DELETE FROM sessions WHERE user_id = (SELECT id FROM users WHERE name = 'ended')",
        ] {
            assert_eq!(fixture.world.raw.execute(gone).await, 1);
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
fn a_cancelled_request_does_not_cancel_the_batch_of_others() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let fixture = Fixture::saas(db).await;
        let mut people = Vec::new();
        for name in ["first", "second", "third", "fourth"] {
            people.push(person(&fixture, name).await);
        }
        let (first, gate, next) = held(&fixture, "first").await;
        let [mut second, mut third] = ["second", "third"].map(|name| resolving(&fixture, name));
        wait(&mut second);
        wait(&mut third);
        drop(first);
        gate.open();
        next.reached(1).await;
        drop(second);
        next.open();
        assert_eq!(acts_in(third.await), people[2]);
        // A later request starts a new batch.
        assert_eq!(acts_in(resolving(&fixture, "fourth").await), people[3]);
    });
}

#[test]
fn an_unavailable_database_fails_all_waiters_immediately() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let fixture = Fixture::saas(db).await;
        for name in ["first", "second"] {
            person(&fixture, name).await;
        }
        let (first, gate, next) = held(&fixture, "first").await;
        let mut others = ["second", "second"].map(|name| resolving(&fixture, name));
        others.iter_mut().for_each(wait);
        fixture.world.database.close().await;
        gate.open();
        let first = first.await;
        // No request retried: a retry would wait at the next failpoint.
        for resolution in [first].into_iter().chain(join_all(others).await) {
            let code = resolution.expect_err("no database").code();
            assert_eq!(code, "database_unavailable");
        }
        drop(next);
    });
}

#[test]
fn a_batch_without_a_reply_times_out_and_each_waiter_loads_its_own_key() {
    run(Backend::Postgres, async |db: TestDatabase| {
        let fixture = Fixture::saas(db).await;
        let mut people = Vec::new();
        for name in ["first", "second"] {
            people.push(person(&fixture, name).await);
        }
        // The failpoint stays closed, like a connection that stalls.
        let (first, _gate, next) = held(&fixture, "first").await;
        let mut second = resolving(&fixture, "second");
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
fn a_server_can_stop_during_a_batch() {
    let runtime = Runtime::new().expect("the operating system has threads left");
    let kept = runtime.block_on(async {
        let db = TestDatabase::new(Backend::Postgres).await;
        let fixture = Fixture::saas(db).await;
        for name in ["first", "second"] {
            person(&fixture, name).await;
        }
        let (first, gate, next) = held(&fixture, "first").await;
        let mut second = resolving(&fixture, "second");
        wait(&mut second);
        // Both are cancelled while they wait in the queue.
        drop((first, second));
        (fixture, gate, next)
    });
    drop(runtime);
    drop(kept);
}
