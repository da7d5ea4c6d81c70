//! `config check` and `config print`.

use clap::Subcommand;
use serde_json::json;

use super::output::{answer, columns, print_json};
use crate::{Failure, settings::Settings};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Name every mistake in the settings
    Check(Args),
    /// Show every setting, secrets hidden
    Print(Args),
}

#[derive(clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &Command) -> Result<(), Failure> {
    match command {
        Command::Check(args) => check(args),
        Command::Print(args) => print(args),
    }
}

fn check(args: &Args) -> Result<(), Failure> {
    match Settings::load() {
        Ok(_) => answer(args.json, &json!({ "mistakes": [] }), || {
            "the settings are valid".to_owned()
        }),
        Err(mistakes) => {
            if args.json {
                let listed: Vec<_> = mistakes
                    .iter()
                    .map(|one| json!({ "name": one.name, "problem": one.problem }))
                    .collect();
                print_json(&json!({ "mistakes": listed }))?;
            }
            Err(mistakes.into())
        }
    }
}

fn print(args: &Args) -> Result<(), Failure> {
    let settings = Settings::load()?;
    answer(args.json, &settings.shown(), || {
        let shown = settings.shown().iter();
        let rows: Vec<_> = shown
            .map(|setting| {
                let value = setting.value.as_deref().unwrap_or("-");
                [setting.variable, value, setting.from].map(ToOwned::to_owned)
            })
            .collect();
        columns(&rows)
    })
}
