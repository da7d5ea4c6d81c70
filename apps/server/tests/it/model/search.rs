//! Searches for a history on which the server and the model disagree.

use proptest::{
    strategy::{Strategy as _, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use tenantry_core::runtime::Runtime;

use super::{
    coverage::Coverage,
    history::histories,
    runner::{Counterexample, Runner},
    state::Rules,
    step::Step,
};

/// How many additional histories may run until coverage is complete.
const EXTRA_HISTORIES: usize = 200;

/// How many histories shrinking may run.
const MAX_SHRINK_RUNS: usize = 2_000;

/// Which histories are tried, and the minimum number of them.
pub(super) struct Search {
    pub(super) rules: Rules,
    pub(super) cases: usize,
    pub(super) seed: String,
}

impl Search {
    /// Configured by `TENANTRY_MODEL_CASES` and `TENANTRY_MODEL_SEED`; the default is a small
    /// number of histories with a new seed.
    pub(super) fn from_env() -> Self {
        let cases = std::env::var("TENANTRY_MODEL_CASES").ok();
        let seed = std::env::var("TENANTRY_MODEL_SEED").ok();
        Self {
            rules: Rules::CORRECT,
            cases: cases.map_or(24, |text| text.parse().expect("a number")),
            seed: seed.unwrap_or_else(|| Runtime::system().random_token(12)),
        }
    }

    /// Fails with the shortest counterexample that was found.
    pub(super) async fn run(
        &self,
        runner: &Runner,
        coverage: &mut Coverage,
    ) -> Result<(), Counterexample> {
        // proptest's loop is not async, so the loop is here; values and shrinking are proptest's.
        let config = Config {
            failure_persistence: None,
            ..Config::default()
        };
        let mut seed = [0; 32];
        for (byte, letter) in seed.iter_mut().zip(self.seed.bytes()) {
            *byte = letter;
        }
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
        let mut proptest = TestRunner::new_with_rng(config, rng);
        let enough =
            |coverage: &Coverage| coverage.histories >= self.cases && coverage.are_varied();
        while !enough(coverage) && coverage.histories < self.cases + EXTRA_HISTORIES {
            let tree = histories().new_tree(&mut proptest);
            let tree = tree.expect("generation does not fail");
            coverage.histories += 1;
            let result = runner.run(self.rules, &tree.current(), coverage).await;
            if let Err(found) = result {
                return Err(self.shrunk(runner, tree, found).await);
            }
        }
        Ok(())
    }

    async fn shrunk(
        &self,
        runner: &Runner,
        mut tree: impl ValueTree<Value = Vec<Step>>,
        mut shortest: Counterexample,
    ) -> Counterexample {
        let mut remaining = MAX_SHRINK_RUNS;
        let mut changed = tree.simplify();
        while changed && remaining > 0 {
            remaining -= 1;
            let mut uncounted = Coverage::default();
            let result = runner
                .run(self.rules, &tree.current(), &mut uncounted)
                .await;
            changed = match result {
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
