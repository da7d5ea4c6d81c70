//! `doctor`: checks a deployment. It changes nothing.

mod database;
mod deployment;

use tenantry_core::runtime::Runtime;
use tenantry_module::Check;
use tenantry_users::PasswordCost;

use super::output::{answer, columns};
use crate::{
    Failure,
    app::{App, MODULES},
    settings::{SECRET_BYTES, Settings},
};

#[derive(clap::Args)]
pub(super) struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let mut checks = database::checks(settings).await;
    checks.extend(deployment::checks(settings));
    // They need an open database, which earlier findings may prevent.
    if checks.iter().all(|check| check.remedy.is_none()) {
        checks.extend(modules(settings.clone()).await);
    }
    let findings = checks.iter().filter(|check| check.remedy.is_some()).count();

    answer(args.json, &checks, || {
        let rows: Vec<_> = checks
            .iter()
            .map(|check| {
                let (mark, advice) = match (&check.remedy, &check.question) {
                    (Some(remedy), _) => ("FIX", Some(remedy)),
                    (None, Some(question)) => ("ASK", Some(question)),
                    (None, None) => ("ok", None),
                };
                let found = &check.found;
                let text = advice.map_or_else(|| found.clone(), |it| format!("{found}: {it}"));
                [mark.to_owned(), check.name.to_owned(), text]
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

/// The checks of the modules.
async fn modules(mut settings: Settings) -> Vec<Check> {
    let runtime = Runtime::system();
    // A start would create a missing secret; the doctor changes nothing.
    let secret = &mut settings.session.secret;
    secret.get_or_insert_with(|| runtime.random_token(SECRET_BYTES).into());
    let app = match App::open(&settings, runtime, PasswordCost::default()).await {
        Ok(app) => app,
        Err(failure) => {
            let remedy = "start the server and see what it says";
            return vec![Check::finding("start", failure.to_string(), remedy)];
        }
    };
    let mut checks = Vec::new();
    for module in MODULES {
        checks.extend(module.check(&app).await);
    }
    app.database.close().await;
    checks
}
