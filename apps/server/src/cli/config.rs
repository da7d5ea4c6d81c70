//! `config check` and `config print`.

use clap::Subcommand;
use serde_json::json;

use super::output::{answer, columns, print_json};
use crate::{
    Failure,
    settings::{SettingError, Settings},
};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Report every error in the settings
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
    match Settings::load_with_files() {
        Ok(settings) => {
            let warnings = settings.warnings();
            let listed: Vec<_> = warnings.iter().map(as_json).collect();
            let json = json!({ "mistakes": [], "warnings": listed });
            answer(args.json, &json, || {
                let mut lines = vec!["the settings are valid".to_owned()];
                lines.extend(warnings.iter().map(ToString::to_string));
                lines.join("\n")
            })
        }
        Err(errors) => {
            if args.json {
                let listed: Vec<_> = errors.iter().map(as_json).collect();
                print_json(&json!({ "mistakes": listed }))?;
            }
            Err(errors.into())
        }
    }
}

fn as_json(error: &SettingError) -> serde_json::Value {
    json!({ "name": error.name, "problem": error.problem })
}

fn print(args: &Args) -> Result<(), Failure> {
    let settings = Settings::load()?;
    answer(args.json, &settings.redacted(), || {
        let shown = settings.redacted().iter();
        let rows: Vec<_> = shown
            .map(|setting| {
                let value = setting.value.as_deref().unwrap_or("-");
                [setting.variable, value, setting.from].map(ToOwned::to_owned)
            })
            .collect();
        columns(&rows)
    })
}
