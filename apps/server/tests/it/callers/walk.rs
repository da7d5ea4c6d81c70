//! Every call, and what is held against its answer.

use std::{collections::BTreeMap, thread, time::Duration};

use tenantry::app;
use tenantry_http::RouteInfo;
use tenantry_testkit::{Answer, TestDatabase, each_database};

use super::{
    canaries::Canaries,
    cast::Cast,
    picture::Picture,
    prepared::Prepared,
    rows::Row,
    rule::{Target, Verdict, names_organization, sees_all, verdict},
    written::{Watch, Written},
};
use crate::http::support::stable_parts;

/// How many mistakes are told; a wall that fell makes thousands.
const SHOWN: usize = 30;

struct Walk {
    cast: Cast,
    canaries: Canaries,
    watch: Watch,
    calls: usize,
    mistakes: Vec<String>,
}

/// The first refusal of each kind that one caller met on one route.
type Refusals = BTreeMap<String, Answer>;

impl Walk {
    async fn new(database: TestDatabase) -> Self {
        let cast = Cast::new(database).await;
        let tables = cast.setup.tables().await;
        let canaries = Canaries::of(&cast, &tables);
        let mistakes = canaries.gaps(&cast, &tables).await;
        let watch = Watch::new(&cast.setup.database).await;
        Self {
            cast,
            canaries,
            watch,
            calls: 0,
            mistakes,
        }
    }

    async fn route(&mut self, route: &RouteInfo, row: &Row, picture: &mut Picture) {
        let by_context = route.access.permission().is_some() && !names_organization(route);
        let mut refusals: Vec<_> = self.cast.callers.iter().map(|_| Refusals::new()).collect();
        for target in row.targets(by_context) {
            let mut statuses = Vec::new();
            for (at, refusals) in refusals.iter_mut().enumerate() {
                statuses.push(self.call(route, row, at, target, refusals).await);
            }
            picture.add(format!("{} {}", route.method, route.path), target, statuses);
        }
    }

    /// Makes one call and looks at its answer from every side.
    async fn call(
        &mut self,
        route: &RouteInfo,
        row: &Row,
        at: usize,
        target: Target,
        refusals: &mut Refusals,
    ) -> u16 {
        self.calls += 1;
        let cast = &self.cast;
        let database = &cast.setup.database;
        let caller = &cast.callers[at];
        let expected = verdict(route, caller, target);
        let of = (route, row);
        let prepared = Prepared::new(cast, caller, of, target, expected, self.calls).await;
        if prepared.wrote {
            self.watch = Watch::new(database).await;
        }
        let mut found = Vec::new();
        let gone = prepared.known.iter().filter(|id| !self.watch.holds(id));
        found.extend(gone.map(|id| format!("names {id}, which is gone: this proves nothing")));
        let answer = prepared.send(cast).await;

        if let Some(sql) = row.until_none.filter(|_| expected == Verdict::Done) {
            while database.number(sql).await > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }

        found.extend(misjudged(&answer, expected, row));
        let all = sees_all(route, caller);
        let leaked = self.canaries.leaked(&answer, caller, cast, all);
        let is_actor = |canary: &&String| row.names_actors && canary.ends_with("(users.id)");
        let leaked = leaked.iter().filter(|canary| !is_actor(canary));
        found.extend(leaked.map(|canary| format!("shows {canary}")));

        if expected != Verdict::Done {
            let kind = format!("{expected:?}");
            let mut answers = vec![answer.clone()];
            if let (Verdict::Refused(..), None) = (expected, refusals.get(&kind)) {
                // Whoever is refused is so before anything of a body is asked for.
                answers.extend(prepared.send_bare(cast).await);
            }
            // The same words for what is foreign and for what is not there.
            let first = refusals.entry(kind).or_insert_with(|| answer.clone());
            let others = answers
                .iter()
                .filter(|answer| stable_parts(answer) != stable_parts(first));
            found.extend(
                others.map(|other| {
                    format!("is refused in other words than\n{first}\nnamely\n{other}")
                }),
            );
        }
        let done = expected == Verdict::Done;
        let all_written = self.watch.written(database).await;
        if done {
            found.extend(mistold(&all_written, row));
        }
        for written in all_written {
            let may_write = route.method != "GET" || written.is_in_the_log();
            let is_foreign =
                written.is_foreign_to(caller, cast) && !written.is_told_of(caller, row.may_tell);
            if !done || !may_write || (!all && is_foreign) {
                found.push(format!("wrote {written:?}"));
            }
        }
        if let Some(sql) = row.undo
            && database.execute(sql).await > 0
        {
            self.watch = Watch::new(database).await;
        }

        let mistakes = found.iter().map(|mistake| {
            let RouteInfo { method, path, .. } = route;
            format!(
                "{method} {path} as {} of {target:?}: {mistake}",
                caller.kind
            )
        });
        self.mistakes.extend(mistakes);
        answer.status
    }
}

/// Tells the mistakes, also when a test ends early because of them.
impl Drop for Walk {
    fn drop(&mut self) {
        if thread::panicking() {
            let first: Vec<_> = self
                .mistakes
                .iter()
                .take(SHOWN)
                .map(String::as_str)
                .collect();
            let count = self.mistakes.len();
            eprintln!("{count} mistakes\n\n{}", first.join("\n\n"));
        }
    }
}

/// What is wrong with an answer's status and code.
fn misjudged(answer: &Answer, expected: Verdict, row: &Row) -> Option<String> {
    let (status, code) = match expected {
        Verdict::Done => (row.done, None),
        Verdict::Missing => (404, None),
        Verdict::Refused(status, code) => (status, Some(code)),
    };
    let as_expected =
        answer.status == status && code.is_none_or(|code| answer.problem_code() == code);
    (!as_expected).then(|| {
        format!(
            "should be {status} {}, is {answer}",
            code.unwrap_or_default()
        )
    })
}

/// What is wrong with the events that a success recorded: each that its row names, in every log
/// once, and no other.
fn mistold(written: &[Written], row: &Row) -> Vec<String> {
    let told: Vec<_> = written.iter().filter_map(Written::event).collect();
    let tells = row.tells.unwrap_or_default();
    let is_known = |name: &str| tells.contains(&name) || row.may_tell.contains(&name);
    let mut found = Vec::new();
    for (place, event) in told.iter().enumerate() {
        if !is_known(event.name) {
            found.push(format!("tells {event:?}, which its row does not name"));
        }
        if told[..place].contains(event) {
            found.push(format!("tells {event:?} twice"));
        }
    }
    for name in tells {
        if told.iter().all(|event| event.name != *name) {
            found.push(format!("does not tell {name}"));
        }
    }
    found
}

each_database! {
    async fn every_route_answers_every_kind_of_caller_as_its_access_says(db: TestDatabase) {
        let backend = db.backend();
        let mut walk = Walk::new(db).await;
        let kinds = walk.cast.callers.iter().map(|caller| caller.kind);
        let mut picture = Picture::new(kinds.collect());
        for route in app::routes().infos() {
            match Row::of(&route) {
                Ok(row) => walk.route(&route, &row, &mut picture).await,
                Err(mistake) => walk.mistakes.push(mistake),
            }
        }
        assert!(walk.mistakes.is_empty(), "not every answer was right");
        println!("{} calls on {backend:?}\n\n{picture}", walk.calls);
    }
}
