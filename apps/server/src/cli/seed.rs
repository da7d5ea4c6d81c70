//! `seed`.

use serde_json::json;
use tenantry_core::{deployment::Deployment, runtime::Runtime};
use tenantry_users::PasswordCost;

use super::output::{answer, table};
use crate::{Failure, app::App, demo, settings::Settings};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    if settings.deployment != Deployment::Saas {
        return Err(Failure::Failed(
            "the demo world has two organizations; seed a database with DEPLOYMENT_MODE=saas"
                .to_owned(),
        ));
    }
    let app = App::open(settings, Runtime::system(), PasswordCost::default()).await?;
    let demo = demo::fill(&app).await;
    app.database.close().await;
    let demo = demo?;

    let value = json!({
        "changed": demo.changed,
        "logins": &demo.logins,
        "invitation": &demo.invitation,
    });
    answer(args.json, &value, || {
        let heading = if demo.changed {
            "The demo world is ready. Its passwords are public: don't put real data in it."
        } else {
            "The demo world is there already; nothing was changed."
        };
        let rows = demo.logins.iter().map(|login| {
            [
                login.email.to_owned(),
                login.password.to_owned(),
                login.roles.join(", "),
            ]
        });
        let rows = table(["e-mail", "password", "who"], rows.collect());
        let invited = demo.invitation.email;
        let invitation = match &demo.invitation.accept_url {
            Some(url) => format!("{invited} is invited and can accept once:\n{url}"),
            None => format!("{invited} is invited; the link was shown when it was made."),
        };
        format!("{heading}\n\n{rows}\n\n{invitation}")
    })
}
