//! Runs one history on the server and on the model.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tenantry_testkit::TestDatabase;

use super::{
    coverage::Coverage,
    driver::Driver,
    state::{Model, Rules},
    step::{OperatorAction, Step},
};
use crate::support::TestServer;

/// A history on which the server and the model disagree.
#[derive(Debug)]
pub(super) struct Counterexample {
    /// The steps, one line each; the last is where they disagree.
    pub(super) script: Vec<String>,
    /// How they disagree.
    pub(super) mismatch: String,
}

impl std::fmt::Display for Counterexample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, line) in (1..).zip(&self.script) {
            writeln!(f, "{number:3}. {line}")?;
        }
        write!(f, "{}", self.mismatch)
    }
}

/// The server under test.
pub(super) struct Runner {
    pub(super) server: TestServer,
    pub(super) database: TestDatabase,
}

impl Runner {
    pub(super) async fn new(database: TestDatabase) -> Self {
        let server = TestServer::start(&database).await;
        Self { server, database }
    }

    /// Runs a history to its end, or to the first disagreement.
    pub(super) async fn run(
        &self,
        rules: Rules,
        history: &[Step],
        coverage: &mut Coverage,
    ) -> Result<(), Counterexample> {
        let mut driver = Driver::new(&self.server, &self.database).await;
        let mut model = Model::new(rules);
        let mut script = Vec::new();
        let mut outcome = Ok(());
        for (number, step) in (1..).zip(history) {
            let result = run_step(number, step, &mut model, &mut driver, &mut script, coverage);
            // The client panics if the server closes the connection; count that as a mismatch.
            let result = AssertUnwindSafe(result).catch_unwind().await;
            outcome = result.unwrap_or_else(|_| Err("the step panicked; see above".to_owned()));
            if outcome.is_err() {
                break;
            }
        }
        coverage.requests += driver.requests;
        coverage.steps += script.len();
        outcome.map_err(|mismatch| Counterexample { script, mismatch })
    }
}

async fn run_step(
    number: usize,
    step: &Step,
    model: &mut Model,
    driver: &mut Driver<'_>,
    script: &mut Vec<String>,
    coverage: &mut Coverage,
) -> Result<(), String> {
    match step {
        Step::Request {
            browser,
            header,
            command,
        } => {
            let organization = model.acts_in(*browser, *header);
            let request = command.request(number, *header, |pick| model.label(organization, pick));
            script.push(format!("browser {browser}: {request}"));
            let expected = model.predict(number, *browser, *header, command);
            coverage.predicted(command, &expected);
            let response = driver.request(number, *browser, command, request).await;
            if response != expected {
                return Err(format!("the model:  {expected}\nthe server: {response}"));
            }
        }
        Step::Operator(action) => {
            // No target: skip the step.
            if !model.apply(action) {
                return Ok(());
            }
            script.push(describe(action));
            driver.apply(action).await;
        }
    }
    let (expected, found) = (model.facts(), driver.facts().await);
    if expected == found {
        return Ok(());
    }
    let only = |these: &[String], others: &[String]| {
        let missing = these.iter().filter(|fact| !others.contains(fact));
        missing.cloned().collect::<Vec<_>>().join("; ")
    };
    Err(format!(
        "only in the model:    {}\nonly in the database: {}",
        only(&expected, &found),
        only(&found, &expected)
    ))
}

fn describe(action: &OperatorAction) -> String {
    let action = match action {
        OperatorAction::Join(organization, person, role) => {
            format!("makes {person} a member of {organization}, as {role}")
        }
        OperatorAction::SetRole(organization, person, role) => {
            format!("makes {person} of {organization} {role}")
        }
        OperatorAction::Remove(organization, person) => {
            format!("removes {person} from {organization}")
        }
        OperatorAction::Close(organization) => format!("closes {organization}"),
        OperatorAction::Open(organization) => format!("opens {organization}"),
        OperatorAction::Disable(person) => format!("disables {person}"),
        OperatorAction::Enable(person) => format!("enables {person}"),
    };
    format!("the operator {action}")
}
