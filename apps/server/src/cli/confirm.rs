//! Confirmation before data is destroyed.

use std::io::{IsTerminal as _, stderr, stdin};

use crate::Failure;

/// Succeeds with `--yes`, or if the user confirms at a terminal.
pub(super) fn confirm(yes: bool, what: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !stdin().is_terminal() || !stderr().is_terminal() {
        let problem = format!("this {what}; say --yes if you mean it");
        return Err(Failure::Usage(problem));
    }
    eprint!("This {what}. Type yes to continue: ");
    let mut answer = String::new();
    let read = stdin().read_line(&mut answer);
    read.map_err(|error| Failure::caused_by("the answer can't be read", &error))?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(Failure::Failed("nothing was done".to_owned()))
    }
}
