//! `migrate up`, `down`, `status` and `fresh`.

use clap::Subcommand;
use serde_json::json;
use tenantry_migrations::{self as migrations, MigrationError, MigrationState};

use super::{
    confirm::confirm,
    output::{answer, table},
};
use crate::{Failure, settings::Settings};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Apply every pending migration
    Up(Args),
    /// Revert the newest migrations, with the data in their tables
    Down {
        /// How many
        #[arg(default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
        /// Don't ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        args: Args,
    },
    /// List every migration and whether it was applied
    Status(Args),
    /// Drop every table, with all data, and create them again
    Fresh {
        /// Don't ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        args: Args,
    },
}

#[derive(clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: &Command, settings: &Settings) -> Result<(), Failure> {
    let database = &settings.database.migration_url;
    let failed = |error: MigrationError| {
        let what = format!(
            "the migrations of {database}, which TENANTRY__DATABASE__MIGRATION_URL or else \
             DATABASE_URL names, did not succeed"
        );
        Failure::caused_by(what, &error).with_remedy(error.remedy())
    };
    let url = database.expose();
    match command {
        Command::Up(args) => {
            let progress = |table: &str, rows: u64| {
                eprintln!("keys of {rows} names in {table} computed");
            };
            let done = migrations::up_with_progress(url, &progress);
            let done = done.await.map_err(failed)?;
            let taken_back = grant(settings).await.map_err(failed)?;
            report_applied(args, &done, &taken_back)
        }
        Command::Down { steps, yes, args } => {
            let what = format!("takes back {steps} of the migrations of {database}, with data");
            confirm(*yes, &what)?;
            let done = migrations::down(url, *steps).await.map_err(failed)?;
            answer(args.json, &json!({ "taken_back": done }), || {
                lines(&[("taken back", done.as_slice())])
            })
        }
        Command::Fresh { yes, args } => {
            confirm(*yes, &format!("drops all data in {database}"))?;
            let done = migrations::fresh(url).await.map_err(failed)?;
            let taken_back = grant(settings).await.map_err(failed)?;
            report_applied(args, &done, &taken_back)
        }
        Command::Status(args) => {
            let states = migrations::status(url).await.map_err(failed)?;
            print_states(args, &states)
        }
    }
}

/// Returns the rights that were taken back.
async fn grant(settings: &Settings) -> Result<Vec<String>, MigrationError> {
    let database = &settings.database;
    match database.role_to_grant() {
        Some(role) => migrations::grant(database.migration_url.expose(), role).await,
        None => Ok(Vec::new()),
    }
}

fn print_states(args: &Args, states: &[MigrationState]) -> Result<(), Failure> {
    let listed: Vec<_> = states
        .iter()
        .map(|state| json!({ "name": state.name, "applied": state.applied }))
        .collect();
    answer(args.json, &listed, || {
        let word = |applied| if applied { "applied" } else { "pending" };
        let rows = states
            .iter()
            .map(|state| [state.name.clone(), word(state.applied).to_owned()]);
        table(["migration", "state"], rows.collect())
    })
}

fn report_applied(args: &Args, done: &[String], revoked: &[String]) -> Result<(), Failure> {
    answer(
        args.json,
        &json!({ "applied": done, "revoked": revoked }),
        || lines(&[("applied", done), ("revoked", revoked)]),
    )
}

/// What was done, one a line.
fn lines(done: &[(&str, &[String])]) -> String {
    let lines: Vec<_> = done
        .iter()
        .flat_map(|(verb, names)| names.iter().map(move |name| format!("{verb} {name}")))
        .collect();
    match lines.len() {
        0 => "nothing to do".to_owned(),
        _ => lines.join("\n"),
    }
}
