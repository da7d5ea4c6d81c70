//! The organization of a dedicated deployment.

use tenantry_core::{deployment::Deployment, runtime::Runtime};
use tenantry_organizations::OrganizationsError;
use tenantry_users::PasswordCost;

use super::Check;
use crate::{Failure, app::App, settings::Settings};

const NAME: &str = "organization";

/// Whether it exists and is active; no check in SaaS mode.
pub(super) async fn check(settings: &Settings) -> Option<Check> {
    let Deployment::Dedicated { organization } = &settings.deployment else {
        return None;
    };
    let lookup = async {
        let app = App::open(settings, Runtime::system(), PasswordCost::default()).await?;
        let found = app.organizations.directory.find_by_slug(organization).await;
        app.database.close().await;
        found.map_err(|error: OrganizationsError| {
            Failure::caused_by(format!("{organization} can't be looked up"), &error)
        })
    };
    Some(match lookup.await {
        Ok(Some(found)) if found.is_active => Check::fine(NAME, format!("{organization} is there")),
        Ok(Some(_)) => Check::finding(
            NAME,
            format!("{organization} is disabled"),
            format!("run `tenantry org enable {organization}`"),
        ),
        Ok(None) => Check::finding(
            NAME,
            format!("{organization} does not exist yet"),
            "run `tenantry user create` for its owner and `tenantry org create`",
        ),
        Err(failure) => Check::finding(
            NAME,
            failure.to_string(),
            "start the server and see what it says",
        ),
    })
}
