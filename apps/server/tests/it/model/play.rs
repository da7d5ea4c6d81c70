//! One history, played on the server and in the model side by side.

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt as _;
use tenantry_testkit::TestDatabase;

use super::{
    figures::Figures,
    player::Player,
    state::{Model, Rules},
    step::{Hand, Step},
};
use crate::support::TestServer;

/// A history on which the server and the model disagree.
#[derive(Debug)]
pub(super) struct Counterexample {
    /// What was done, one line each; the last is where they disagree.
    pub(super) script: Vec<String>,
    /// How.
    pub(super) quarrel: String,
}

impl std::fmt::Display for Counterexample {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, line) in (1..).zip(&self.script) {
            writeln!(f, "{number:3}. {line}")?;
        }
        write!(f, "{}", self.quarrel)
    }
}

/// The server that histories are played on.
pub(super) struct Theatre {
    pub(super) server: TestServer,
    pub(super) database: TestDatabase,
}

impl Theatre {
    pub(super) async fn new(database: TestDatabase) -> Self {
        let server = TestServer::start(&database).await;
        Self { server, database }
    }

    /// Plays a history to its end, or to where the server and the model disagree.
    pub(super) async fn play(
        &self,
        rules: Rules,
        history: &[Step],
        figures: &mut Figures,
    ) -> Result<(), Counterexample> {
        let mut player = Player::new(&self.server, &self.database).await;
        let mut model = Model::new(rules);
        let mut script = Vec::new();
        let mut outcome = Ok(());
        for (number, step) in (1..).zip(history) {
            let played = play_step(number, step, &mut model, &mut player, &mut script, figures);
            // A server that hangs up makes the client panic: a disagreement like any other.
            let played = AssertUnwindSafe(played).catch_unwind().await;
            outcome = played.unwrap_or_else(|_| Err("the step panicked; see above".to_owned()));
            if outcome.is_err() {
                break;
            }
        }
        figures.requests += player.requests;
        figures.steps += script.len();
        outcome.map_err(|quarrel| Counterexample { script, quarrel })
    }
}

async fn play_step(
    number: usize,
    step: &Step,
    model: &mut Model,
    player: &mut Player<'_>,
    script: &mut Vec<String>,
    figures: &mut Figures,
) -> Result<(), String> {
    match step {
        Step::Request {
            browser,
            header,
            wish,
        } => {
            let place = model.acts_in(*browser, *header);
            let asked = wish.asked(number, *header, |pick| model.label(place, pick));
            script.push(format!("browser {browser}: {asked}"));
            let expected = model.answer(number, *browser, *header, wish);
            figures.predicted(wish, &expected);
            let said = player.request(number, *browser, wish, asked).await;
            if said != expected {
                return Err(format!(
                    "the model said  {expected}\nthe server said {said}"
                ));
            }
        }
        Step::Operator(hand) => {
            // Nothing to touch: the step says nothing, and is no step.
            if !model.touch(hand) {
                return Ok(());
            }
            script.push(told(hand));
            player.touch(hand).await;
        }
    }
    let (expected, found) = (model.facts(), player.facts().await);
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

fn told(hand: &Hand) -> String {
    let told = match hand {
        Hand::Join(organization, person, role) => {
            format!("makes {person} a member of {organization}, as {role}")
        }
        Hand::SetRole(organization, person, role) => {
            format!("makes {person} of {organization} {role}")
        }
        Hand::Remove(organization, person) => format!("removes {person} from {organization}"),
        Hand::Close(organization) => format!("closes {organization}"),
        Hand::Open(organization) => format!("opens {organization}"),
        Hand::Disable(person) => format!("disables {person}"),
        Hand::Enable(person) => format!("enables {person}"),
    };
    format!("the operator {told}")
}
