//! The house, held by a test: who may know whom, and what stays private.
//!
//! `docs/architecture.md` says why. Every rule has a planted violation, which proves that the
//! rule bites and says what to do instead.

mod cycles;
mod planted;
mod rules;
mod workspace;

use workspace::Workspace;

#[test]
fn the_house_keeps_its_rules() {
    let broken = rules::broken_in(&Workspace::read());
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}
