//! Sends every call and checks the response.

use std::{collections::BTreeMap, env, thread, time::Duration};

use tenantry::app;
use tenantry_core::event::DomainEvent as _;
use tenantry_domain_events::events::mail::MailDue;
use tenantry_http::RouteInfo;
use tenantry_testkit::{Answer, TestDatabase, each_database};

use super::{
    canaries::Canaries,
    expected::{Expected, Target, expected, names_organization, sees_all},
    fixture::{Credential, Fixture},
    prepared_call::PreparedCall,
    report::Report,
    rows::Row,
    writes::{WriteDetector, WrittenRow},
};
use crate::http::support::{settled, stable_parts};

/// How many failures are printed; one broken check can cause thousands.
const SHOWN: usize = 30;

struct Run {
    fixture: Fixture,
    canaries: Canaries,
    detector: WriteDetector,
    calls: usize,
    failures: Vec<String>,
}

/// The first rejection of each kind for one caller on one route.
type Rejections = BTreeMap<String, Answer>;

impl Run {
    async fn new(database: TestDatabase) -> Self {
        let fixture = Fixture::new(database).await;
        let tables = fixture.setup.tables().await;
        let canaries = Canaries::of(&fixture, &tables);
        let failures = canaries.gaps(&fixture, &tables).await;
        let detector = WriteDetector::watch(&fixture.setup.database).await;
        Self {
            fixture,
            canaries,
            detector,
            calls: 0,
            failures,
        }
    }

    async fn route(&mut self, route: &RouteInfo, row: &Row, report: &mut Report) {
        let by_context = route.access.permission().is_some() && !names_organization(route);
        let mut rejections: Vec<_> = self
            .fixture
            .callers
            .iter()
            .map(|_| Rejections::new())
            .collect();
        for target in row.targets(by_context) {
            let mut statuses = Vec::new();
            for (at, rejections) in rejections.iter_mut().enumerate() {
                statuses.push(self.call(route, row, at, target, rejections).await);
            }
            report.add(format!("{} {}", route.method, route.path), target, statuses);
        }
    }

    /// Sends one call and checks status, leaks, writes and events.
    async fn call(
        &mut self,
        route: &RouteInfo,
        row: &Row,
        at: usize,
        target: Target,
        rejections: &mut Rejections,
    ) -> u16 {
        self.calls += 1;
        let fixture = &self.fixture;
        let database = &fixture.setup.database;
        let caller = &fixture.callers[at];
        let expected = expected(route, caller, target);
        let of = (route, row);
        let prepared = PreparedCall::new(fixture, caller, of, target, expected, self.calls).await;
        if prepared.wrote {
            settled(&fixture.setup.database).await;
            self.detector = WriteDetector::new(database).await;
        }
        let mut found = Vec::new();
        let gone = prepared
            .known
            .iter()
            .filter(|id| !self.detector.contains(id));
        found.extend(gone.map(|id| format!("{id} does not exist, so the call proves nothing")));
        let answer = prepared.send(fixture).await;

        if let Some(sql) = row
            .wait_until_zero
            .filter(|_| expected == Expected::Success)
        {
            while database.number(sql).await > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }

        if expected == Expected::Success && route.method != "GET" {
            settled(&fixture.setup.database).await;
        }

        let has_session = caller.credential == Credential::Session;
        found.extend(wrong_response(
            &answer,
            expected,
            route,
            row.done[usize::from(has_session)],
        ));
        let all = sees_all(route, caller);
        let mut searched = answer.clone();
        if expected == Expected::SignIn {
            // It leads back to the address that the caller itself named.
            searched.headers.remove("location");
        }
        let leaked = self.canaries.leaked(&searched, caller, fixture, all);
        let is_actor = |canary: &&String| {
            let of_person = ["(users.id)", "(a person)"];
            row.shows_actors && of_person.iter().any(|column| canary.ends_with(column))
        };
        // The form signs the token's owner in, who reaches more than the token.
        let has_signed_in = caller.token.is_some() && route.path == "/invitations/accept/login";
        let leaked = leaked
            .iter()
            .filter(|canary| !is_actor(canary) && !has_signed_in);
        found.extend(leaked.map(|canary| format!("leaks {canary}")));

        if !matches!(expected, Expected::Success | Expected::SignIn) {
            let kind = format!("{expected:?}");
            let mut answers = vec![answer.clone()];
            if let (Expected::Rejected(..), None) = (expected, rejections.get(&kind)) {
                // A rejection comes before the body is read.
                answers.extend(prepared.send_bare(fixture).await);
            }
            // A foreign id and an unknown id get the same response.
            let first = rejections.entry(kind).or_insert_with(|| answer.clone());
            let others = answers
                .iter()
                .filter(|answer| stable_parts(answer) != stable_parts(first));
            found.extend(others.map(|other| {
                format!("is rejected with a response other than\n{first}\nnamely\n{other}")
            }));
        }
        let success = expected == Expected::Success;
        let all_written = self.detector.written(database).await;
        if success {
            // A visitor who is not signed in only looks.
            let only_looks = route.access.is_visitor() && !has_session;
            let events = if only_looks { &[] } else { row.events };
            found.extend(wrong_events(&all_written, row, events));
        }
        for written in all_written {
            let may_write = route.method != "GET" || written.is_log_entry();
            let is_foreign = written.is_foreign_to(caller, fixture)
                && !written.is_announced_to(caller, row.optional_events);
            if !success || !may_write || (!all && is_foreign) {
                found.push(format!("wrote {written:?}"));
            }
        }
        if let Some(sql) = row.cleanup
            && database.execute(sql).await > 0
        {
            self.detector = WriteDetector::new(database).await;
        }

        let failures = found.iter().map(|failure| {
            let RouteInfo { method, path, .. } = route;
            format!(
                "{method} {path} as {} of {target:?}: {failure}",
                caller.kind
            )
        });
        self.failures.extend(failures);
        answer.status
    }
}

/// Prints the failures, even if the test panics early.
impl Drop for Run {
    fn drop(&mut self) {
        if thread::panicking() {
            let first: Vec<_> = self
                .failures
                .iter()
                .take(SHOWN)
                .map(String::as_str)
                .collect();
            let count = self.failures.len();
            eprintln!("{count} failures\n\n{}", first.join("\n\n"));
        }
    }
}

/// Checks the status and the code.
fn wrong_response(
    answer: &Answer,
    expected: Expected,
    route: &RouteInfo,
    done: u16,
) -> Option<String> {
    let (status, code) = match expected {
        Expected::Success => (done, None),
        Expected::SignIn => (303, None),
        Expected::NotFound => (404, None),
        // A page says it in words.
        Expected::Rejected(status, _) if route.is_page => (status, None),
        Expected::Rejected(status, code) => (status, Some(code)),
    };
    let is_login = |answer: &Answer| {
        let location = answer.header("location").unwrap_or_default();
        location.split('?').next() == Some("/login")
    };
    let is_page = |answer: &Answer| {
        let media_type = answer.header("content-type").unwrap_or_default();
        media_type.starts_with("text/") || answer.status == 303
    };
    let as_expected = answer.status == status
        && code.is_none_or(|code| answer.problem_code() == code)
        && (expected != Expected::SignIn || is_login(answer))
        && (!route.is_page || is_page(answer));
    (!as_expected).then(|| {
        format!(
            "expected {status} {}, got {answer}",
            code.unwrap_or_default()
        )
    })
}

/// Checks the recorded events of a success: each event of its row once per stream, and no other.
fn wrong_events(written: &[WrittenRow], row: &Row, events: &[&str]) -> Vec<String> {
    let recorded: Vec<_> = written.iter().filter_map(WrittenRow::event).collect();
    // What happened may have a mail sent.
    let is_known = |name: &str| {
        events.contains(&name) || row.optional_events.contains(&name) || name == MailDue::NAME
    };
    let mut found = Vec::new();
    for (organization, event) in recorded.iter().enumerate() {
        if !is_known(event.name) {
            found.push(format!("records {event:?}, which its row does not list"));
        }
        if recorded[..organization].contains(event) {
            found.push(format!("records {event:?} twice"));
        }
    }
    for name in events {
        if recorded.iter().all(|event| event.name != *name) {
            found.push(format!("does not record {name}"));
        }
    }
    found
}

async fn walk(database: TestDatabase, routes: Vec<RouteInfo>) {
    let backend = database.backend();
    let mut run = Run::new(database).await;
    let kinds = run.fixture.callers.iter().map(|caller| caller.kind);
    let mut report = Report::new(kinds.collect());
    for route in routes {
        match Row::of(&route) {
            Ok(row) => run.route(&route, &row, &mut report).await,
            Err(failure) => run.failures.push(failure),
        }
    }
    assert!(run.failures.is_empty(), "not every answer was right");
    println!("{} calls on {backend:?}\n\n{report}", run.calls);
}

/// The routes, in two parts that are walked at the same time. `TENANTRY_CALLERS=projects` leaves those
/// with that segment in their path: a module's own, while it is being written.
fn routes(are_pages: bool) -> Vec<RouteInfo> {
    let mut all = app::routes().infos();
    if let Ok(segment) = env::var("TENANTRY_CALLERS") {
        all.retain(|route| route.path.split('/').any(|part| part == segment));
        assert!(!all.is_empty(), "no route has the segment {segment}");
    }
    all.retain(|route| route.is_page == are_pages);
    all
}

each_database! {
    async fn every_route_of_the_api_responds_to_every_kind_of_caller_as_its_access_declares(db: TestDatabase) {
        walk(db, routes(false)).await;
    }

    async fn every_page_responds_to_every_kind_of_caller_as_its_access_declares(db: TestDatabase) {
        walk(db, routes(true)).await;
    }
}
