//! The organization that a dedicated deployment is for.

use tenantry_core::{deployment::Deployment, runtime::Runtime};
use tenantry_organizations::OrganizationsError;
use tenantry_users::PasswordCost;

use super::Check;
use crate::{Failure, app::App, settings::Settings};

const NAME: &str = "organization";

/// Whether it is there; nothing for a deployment that is for many.
pub(super) async fn check(settings: &Settings) -> Option<Check> {
    let Deployment::Dedicated { organization } = &settings.deployment else {
        return None;
    };
    let look = async {
        let app = App::open(settings, Runtime::system(), PasswordCost::default()).await?;
        let found = app.organizations.find_by_slug(organization).await;
        app.database.close().await;
        found.map_err(|error: OrganizationsError| {
            Failure::because(format!("{organization} can't be looked up"), &error)
        })
    };
    Some(match look.await {
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
