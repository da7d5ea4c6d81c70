//! The search for a history on which the server and the model disagree.

use proptest::{
    strategy::{Strategy as _, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tenantry_core::runtime::Runtime;

use super::{
    figures::Figures,
    history::histories,
    play::{Counterexample, Theatre},
    state::Rules,
    step::Step,
};

/// How many histories more may be tried until every kind of answer was met.
const FORBEARANCE: usize = 200;

/// How many histories a shrinking may play.
const PATIENCE: usize = 2_000;

/// Which histories are tried, and how many at least.
pub(super) struct Hunt {
    pub(super) rules: Rules,
    pub(super) cases: usize,
    pub(super) seed: String,
}

impl Hunt {
    /// As the environment has it: `TENANTRY_MODEL_CASES` histories, else as many as a test run
    /// has time for, from `TENANTRY_MODEL_SEED`, else from a new one.
    pub(super) fn usual() -> Self {
        let cases = std::env::var("TENANTRY_MODEL_CASES").ok();
        let seed = std::env::var("TENANTRY_MODEL_SEED").ok();
        Self {
            rules: Rules::RIGHT,
            cases: cases.map_or(24, |text| text.parse().expect("a number")),
            seed: seed.unwrap_or_else(|| Runtime::system().random_token(12)),
        }
    }

    /// Fails with the shortest history that was found, if one was.
    pub(super) async fn run(
        &self,
        theatre: &Theatre,
        figures: &mut Figures,
    ) -> Result<(), Counterexample> {
        // proptest's own loop can't wait for a server, so the loop is here; the random values
        // and their shrinking are its.
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        let mut seed = [0; 32];
        for (byte, letter) in seed.iter_mut().zip(self.seed.bytes()) {
            *byte = letter;
        }
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut runner = TestRunner::new_with_rng(config, rng);
        let enough = |figures: &Figures| figures.histories >= self.cases && figures.are_varied();
        while !enough(figures) && figures.histories < self.cases + FORBEARANCE {
            let tree = histories().new_tree(&mut runner);
            let tree = tree.expect("a history can always be made");
            figures.histories += 1;
            let played = theatre.play(self.rules, &tree.current(), figures).await;
            if let Err(found) = played {
                return Err(self.shrunk(theatre, tree, found).await);
            }
        }
        Ok(())
    }

    async fn shrunk(
        &self,
        theatre: &Theatre,
        mut tree: impl ValueTree<Value = Vec<Step>>,
        mut shortest: Counterexample,
    ) -> Counterexample {
        let mut patience = PATIENCE;
        let mut changed = tree.simplify();
        while changed && patience > 0 {
            patience -= 1;
            let mut uncounted = Figures::default();
            let played = theatre
                .play(self.rules, &tree.current(), &mut uncounted)
                .await;
            changed = match played {
                Err(shorter) => {
                    shortest = shorter;
                    tree.simplify()
                }
                Ok(()) => tree.complicate(),
            };
        }
        shortest
    }
}
