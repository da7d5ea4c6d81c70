//! `serve`, the default.

use tenantry_core::{deployment::Deployment, runtime::Runtime};
use tenantry_organizations::OrganizationsError;
use tenantry_users::PasswordCost;

use super::{
    output::{columns, print},
    signals::{self, Stop},
};
use crate::{
    Failure,
    app::{self, App},
    settings::Settings,
};

pub(super) async fn run(settings: &Settings) -> Result<(), Failure> {
    for warning in settings.warnings() {
        tracing::warn!("{warning}");
    }
    let app = App::open(settings, Runtime::system(), PasswordCost::default()).await?;
    let missing = missing_organization(settings, &app).await?;
    // Before the server listens, so that a signal from then on stops it gracefully.
    let signal = signals::listen()?;
    let running = app::start(settings, app)?;

    let mut lines = vec![["Tenantry listens on".to_owned(), running.url.clone()]];
    lines.push(["documentation".to_owned(), format!("{}/docs", running.url)]);
    if let Some(url) = &settings.server.public_url {
        lines.push(["people come to".to_owned(), url.to_string()]);
    }
    lines.push(["database".to_owned(), settings.database.url.to_string()]);
    lines.push(["mode".to_owned(), settings.deployment.mode().to_owned()]);
    if let Some(url) = &running.metrics_url {
        lines.push(["metrics".to_owned(), url.clone()]);
    }
    let mut greeting = columns(&lines);
    greeting.extend(missing);
    // A greeting that can't be written stops no server; the log has the address then.
    if let Err(failure) = print(&greeting) {
        tracing::warn!(address = running.url, "{failure}");
    }
    running
        .run_until(async { signal.await == Stop::Gracefully })
        .await
}

/// How to fix the organization of a dedicated deployment, if it can't be used.
async fn missing_organization(settings: &Settings, app: &App) -> Result<Option<String>, Failure> {
    let Deployment::Dedicated { organization } = &settings.deployment else {
        return Ok(None);
    };
    let found = app.organizations.directory.find_by_slug(organization).await;
    let found = found.map_err(|error: OrganizationsError| {
        Failure::caused_by("the organization can't be looked up", &error)
    })?;
    Ok(match found {
        Some(found) if found.is_active => None,
        Some(_) => Some(format!(
            "The organization {organization} is disabled: requests in it are refused."
        )),
        None => Some(format!(
            "The organization {organization} does not exist yet. Create it with \
             `tenantry org create --name NAME --owner-email EMAIL`, \
             and its owner before that with `tenantry user create`."
        )),
    })
}
