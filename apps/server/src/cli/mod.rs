//! The command line: a file for each group of commands.

mod about;
mod config;
mod confirm;
mod doctor;
mod events;
mod jobs;
mod migrate;
mod openapi;
mod org;
mod org_lookup;
mod output;
mod pages;
mod routes;
mod seed;
mod serve;
mod signals;
mod user;

use std::{
    io::{Write as _, stderr},
    process::ExitCode,
};

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::{Failure, logging, settings::Settings};

#[derive(Parser)]
#[command(
    name = "tenantry",
    version,
    about = "A multi-tenant backend with organizations"
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Start the server (the default)
    Serve,
    /// Manage the schema
    #[command(subcommand)]
    Migrate(migrate::Command),
    /// Fill an empty database with demo data; running it again changes nothing
    Seed(seed::Args),
    /// Organizations
    #[command(subcommand)]
    Org(org::Command),
    /// Accounts
    #[command(subcommand)]
    User(user::Command),
    /// Event delivery: backlog and dead letters
    #[command(subcommand)]
    Events(events::Command),
    /// Jobs of organizations: work for later, and work by the clock
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Settings
    #[command(subcommand)]
    Config(config::Command),
    /// Check the deployment, and say how to fix what is wrong
    Doctor(doctor::Args),
    /// Print the OpenAPI document of the API
    Openapi,
    /// List every route and who may call it
    Routes(routes::Args),
    /// Print a script that completes commands in a shell
    Completions(about::CompletionsArgs),
    /// Print a manual page
    Man(about::ManArgs),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let command = Cli::parse().command.unwrap_or(Command::Serve);
    let outcome = match command {
        // These need neither settings nor a database.
        Command::Config(command) => config::run(&command),
        Command::Openapi => openapi::run(),
        Command::Routes(args) => routes::run(&args),
        Command::Completions(args) => about::completions(&args, Cli::command()),
        Command::Man(args) => about::man(&args, Cli::command()),
        command => run(command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // A closed standard error must not change the exit code.
            drop(writeln!(stderr(), "tenantry: {failure}"));
            failure.code()
        }
    }
}

/// Passwords and keys are in memory: a crash must not write them to a file.
#[cfg(target_os = "linux")]
fn forbid_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Lowering a limit is always allowed.
    _ = setrlimit(Resource::Core, none);
}

#[cfg(not(target_os = "linux"))]
fn forbid_core_dumps() {}

fn run(command: Command) -> Result<(), Failure> {
    forbid_core_dumps();
    let settings = Settings::load()?;
    let default_filter = if matches!(command, Command::Serve) {
        // Malformed requests get a response; they are not errors of the server. Applied migrations are
        // logged in one line when all are done, and the address is printed.
        "info,actix_http=off,actix_server=warn,actix_session=error,sea_orm_migration=warn"
    } else {
        "warn"
    };
    let logging = logging::start(&settings, default_filter)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::caused_by("the runtime can't be started", &error))?;
    let outcome = runtime.block_on(async {
        match command {
            Command::Serve => serve::run(&settings).await,
            Command::Migrate(command) => migrate::run(&command, &settings).await,
            Command::Seed(args) => seed::run(&args, &settings).await,
            Command::Org(command) => org::run(command, &settings).await,
            Command::User(command) => user::run(command, &settings).await,
            Command::Events(command) => events::run(command, &settings).await,
            Command::Jobs(command) => jobs::run(command, &settings).await,
            Command::Doctor(args) => doctor::run(&args, &settings).await,
            Command::Config(_)
            | Command::Openapi
            | Command::Routes(_)
            | Command::Completions(_)
            | Command::Man(_) => Ok(()),
        }
    });
    logging.shutdown();
    outcome
}
