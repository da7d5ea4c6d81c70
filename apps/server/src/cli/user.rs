//! `user`: create and list accounts. [`account`] changes one.

mod account;
mod lookup;
mod password;

use clap::Subcommand;
use serde_json::json;
use tenantry_core::{access::Actor, runtime::Runtime, value::Name};
use tenantry_users::{Email, NewAccount, OperatorFlags, PasswordCost, UserFilter};

pub(super) use self::lookup::find;
use self::{
    lookup::{described, kind},
    password::{LETTERS, parsed, typed_password},
};
use super::{
    output::{answer, columns, table},
    pages::all_pages,
};
use crate::{Failure, app::App, settings::Settings};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Create an account
    Create(Create),
    /// List all accounts
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a user an operator
    Promote(account::Promote),
    /// Make an operator an ordinary user
    Demote(account::Target),
    /// Disable an account; its sessions and tokens end
    Disable(account::DisableArgs),
    /// Enable it again
    Enable(account::Target),
    /// Replace the password of a user; their sessions and tokens end
    ResetPassword(account::ResetPassword),
    /// Take every second factor away from a user; their sessions end, and they get a mail
    ResetMfa(account::Ending),
}

#[derive(clap::Args)]
pub(super) struct Create {
    /// The address to sign in with
    #[arg(long)]
    email: Email,
    /// The person's name
    #[arg(long)]
    name: Name,
    /// Read the password from standard input; without this one is generated and printed once
    #[arg(long)]
    password_stdin: bool,
    /// May do everything that operators may
    #[arg(long)]
    superuser: bool,
    /// Is an operator
    #[arg(long)]
    staff: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(command: Command, settings: &Settings) -> Result<(), Failure> {
    let app = App::open(settings, Runtime::system(), PasswordCost::default()).await?;
    let outcome = match command {
        Command::Create(args) => create(&app, args).await,
        Command::List { json } => list(&app, json).await,
        Command::Promote(args) => account::promote(&app, &args).await,
        Command::Demote(args) => account::demote(&app, &args).await,
        Command::Disable(args) => account::disable(&app, &args).await,
        Command::Enable(args) => account::enable(&app, &args).await,
        Command::ResetPassword(args) => account::reset_password(&app, &args).await,
        Command::ResetMfa(args) => account::reset_mfa(&app, &args).await,
    };
    app.database.close().await;
    outcome
}

async fn create(app: &App, args: Create) -> Result<(), Failure> {
    let generated = (!args.password_stdin).then(|| app.database.runtime().random_token(LETTERS));
    let typed = match &generated {
        Some(password) => password.clone(),
        None => typed_password()?,
    };
    let password = parsed(&typed)?;
    let account = NewAccount {
        email: args.email,
        name: args.name,
        password,
    };
    let flags = OperatorFlags {
        is_staff: args.staff,
        is_superuser: args.superuser,
    };
    let user = app
        .users
        .create(account, flags, Actor::command_line())
        .await;
    let user = user.map_err(|error| Failure::caused_by("the account can't be made", &error))?;

    let mut value = described(&user);
    if let Some(password) = &generated {
        value["password"] = json!(password);
    }
    answer(args.json, &value, || {
        let mut rows = vec![
            ["id".to_owned(), user.id.to_string()],
            ["e-mail".to_owned(), user.email.to_string()],
        ];
        if let Some(password) = generated {
            rows.push([
                "password".to_owned(),
                format!("{password}  (shown this once)"),
            ]);
        }
        columns(&rows)
    })
}

async fn list(app: &App, json: bool) -> Result<(), Failure> {
    let all = UserFilter::default();
    let users = all_pages(async |request| app.users.list(&all, &request).await);
    let users = users
        .await
        .map_err(|error| Failure::caused_by("the accounts can't be listed", &error))?;
    let value: Vec<_> = users.iter().map(described).collect();
    answer(json, &value, || {
        let rows = users.iter().map(|user| {
            [
                user.email.to_string(),
                user.name.to_string(),
                kind(user).to_owned(),
                if user.is_active { "active" } else { "disabled" }.to_owned(),
            ]
        });
        table(["e-mail", "name", "kind", "state"], rows.collect())
    })
}
