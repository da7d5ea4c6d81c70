//! `doctor`: checks a deployment. It changes nothing.

mod database;
mod deployment;
mod organization;

use serde::Serialize;

use super::output::{answer, columns};
use crate::{Failure, settings::Settings};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The result of one check.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    /// What was found.
    found: String,
    /// How to fix it, if something is wrong.
    remedy: Option<String>,
}

impl Check {
    fn fine(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            found: found.into(),
            remedy: None,
        }
    }

    fn finding(name: &'static str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            name,
            found: found.into(),
            remedy: Some(remedy.into()),
        }
    }
}

pub(super) async fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let mut checks = database::checks(settings).await;
    checks.extend(deployment::checks(settings));
    // It needs an open database, which earlier findings may prevent.
    if checks.iter().all(|check| check.remedy.is_none()) {
        checks.extend(organization::check(settings).await);
    }
    let findings = checks.iter().filter(|check| check.remedy.is_some()).count();

    answer(args.json, &checks, || {
        let rows: Vec<_> = checks
            .iter()
            .map(|check| match &check.remedy {
                None => ["ok", check.name, &check.found].map(ToOwned::to_owned),
                Some(remedy) => [
                    "FIX".to_owned(),
                    check.name.to_owned(),
                    format!("{}: {remedy}", check.found),
                ],
            })
            .collect();
        columns(&rows)
    })?;
    match findings {
        0 => Ok(()),
        1 => Err(Failure::Failed("1 finding".to_owned())),
        _ => Err(Failure::Failed(format!("{findings} findings"))),
    }
}
