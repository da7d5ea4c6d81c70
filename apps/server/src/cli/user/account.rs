//! `user promote`, `demote`, `disable`, `enable`, `reset-password` and `reset-mfa`.

use serde_json::json;
use tenantry_core::access::Actor;
use tenantry_organizations::{Force, OrganizationsError};
use tenantry_users::{Email, OperatorFlags, User};

use super::{
    lookup::{described, find, kind},
    password::{LETTERS, parsed, typed_password},
};
use crate::{
    Failure,
    app::App,
    cli::{
        confirm::confirm,
        output::{answer, columns},
    },
};

#[derive(clap::Args)]
pub(crate) struct Target {
    /// The address of the account
    email: Email,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Promote {
    #[command(flatten)]
    one: Target,
    /// Staff only; without this the user becomes a superuser
    #[arg(long)]
    staff: bool,
}

#[derive(clap::Args)]
pub(crate) struct DisableArgs {
    #[command(flatten)]
    ending: Ending,
    /// Disable the only active owner of an organization, too
    #[arg(long)]
    force: bool,
}

/// An account whose sessions end.
#[derive(clap::Args)]
pub(crate) struct Ending {
    #[command(flatten)]
    one: Target,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

#[derive(clap::Args)]
pub(crate) struct ResetPassword {
    #[command(flatten)]
    ending: Ending,
    /// Read the password from standard input; without this one is generated and printed once
    #[arg(long)]
    password_stdin: bool,
}

pub(crate) async fn promote(app: &App, args: &Promote) -> Result<(), Failure> {
    let flags = OperatorFlags {
        is_staff: true,
        is_superuser: !args.staff,
    };
    set_flags(app, &args.one, flags).await
}

pub(crate) async fn demote(app: &App, args: &Target) -> Result<(), Failure> {
    set_flags(app, args, OperatorFlags::default()).await
}

async fn set_flags(app: &App, one: &Target, flags: OperatorFlags) -> Result<(), Failure> {
    let user = find(app, &one.email).await?;
    let changed = app
        .users
        .set_flags(user.id, flags, Actor::command_line())
        .await;
    let changed = changed.map_err(|error| Failure::caused_by("the account stays", &error))?;
    show(one, &changed)
}

pub(crate) async fn disable(app: &App, args: &DisableArgs) -> Result<(), Failure> {
    let Ending { one, yes } = &args.ending;
    let user = find(app, &one.email).await?;
    let what = format!("ends all sessions and tokens of {}", user.email);
    confirm(*yes, &what)?;
    let force = if args.force { Force::Yes } else { Force::No };
    let members = &app.organizations.members;
    let disabled = members
        .disable_user(user.id, force, Actor::command_line())
        .await;
    let disabled = disabled.map_err(|error| {
        let stays = Failure::caused_by("the account stays", &error);
        match error {
            OrganizationsError::SoleOwner(_) => Failure::Failed(format!(
                "{stays}; make another member an owner (`tenantry org set-role`), or use --force"
            )),
            _ => stays,
        }
    })?;
    let mut value = described(&disabled.user);
    value["without_owner"] = json!(disabled.without_owner);
    answer(one.json, &value, || {
        let mut text = columns(&facts(&disabled.user));
        for slug in &disabled.without_owner {
            text.push_str(&format!(
                "\n{slug} has no active owner; `tenantry org set-owner {slug} --email E` gives it one"
            ));
        }
        text
    })
}

pub(crate) async fn enable(app: &App, args: &Target) -> Result<(), Failure> {
    let user = find(app, &args.email).await?;
    let members = &app.organizations.members;
    let enabled = members.set_user_active(user.id, true, Actor::command_line());
    let enabled = enabled.await;
    let enabled = enabled.map_err(|error| Failure::caused_by("the account stays", &error))?;
    show(args, &enabled)
}

pub(crate) async fn reset_password(app: &App, args: &ResetPassword) -> Result<(), Failure> {
    let one = &args.ending.one;
    let user = find(app, &one.email).await?;
    let what = format!(
        "replaces the password of {} and ends all sessions and tokens",
        user.email
    );
    confirm(args.ending.yes, &what)?;
    let generated = (!args.password_stdin).then(|| app.database.runtime().random_token(LETTERS));
    let password = match &generated {
        Some(password) => password.clone(),
        None => typed_password()?,
    };
    let reset = app
        .users
        .reset_password(user.id, parsed(&password)?, Actor::command_line());
    reset
        .await
        .map_err(|error| Failure::caused_by("the password can't be replaced", &error))?;

    let mut value = json!({ "id": user.id, "email": user.email });
    if let Some(password) = &generated {
        value["password"] = json!(password);
    }
    answer(one.json, &value, || match generated {
        Some(password) => format!(
            "the password of {} is {password}  (shown this once)",
            user.email
        ),
        None => format!("{} has another password", user.email),
    })
}

pub(crate) async fn reset_mfa(app: &App, args: &Ending) -> Result<(), Failure> {
    let Ending { one, yes } = args;
    let user = find(app, &one.email).await?;
    let what = format!(
        "removes every second factor of {} and ends all sessions",
        user.email
    );
    confirm(*yes, &what)?;
    let reset = app
        .users
        .reset_second_factors(user.id, Actor::command_line());
    reset
        .await
        .map_err(|error| Failure::caused_by("the account stays", &error))?;
    let value = json!({ "id": user.id, "email": user.email });
    answer(one.json, &value, || {
        format!("{} signs in with the password alone", user.email)
    })
}

fn show(one: &Target, user: &User) -> Result<(), Failure> {
    answer(one.json, &described(user), || columns(&facts(user)))
}

fn facts(user: &User) -> [[String; 2]; 3] {
    let state = if user.is_active { "active" } else { "disabled" };
    [
        ["e-mail".to_owned(), user.email.to_string()],
        ["kind".to_owned(), kind(user).to_owned()],
        ["state".to_owned(), state.to_owned()],
    ]
}
