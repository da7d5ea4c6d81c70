//! The architecture rules: dependencies between crates, and what stays private.
//!
//! `docs/architecture.md` explains them. For every rule, a test adds a violation and checks that
//! the rule reports it and says what to do instead.

mod cycles;
mod rules;
mod violations;
mod words;
mod workspace;

use workspace::Workspace;

#[test]
fn the_workspace_follows_the_architecture_rules() {
    let broken = rules::broken_in(&Workspace::read());
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}
