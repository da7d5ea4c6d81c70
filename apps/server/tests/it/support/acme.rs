//! A dedicated deployment, for one organization.

use tenantry::{app::App, settings::Settings};
use tenantry_core::{access::Actor, deployment::Deployment};
use tenantry_organizations::NewOrganization;
use tenantry_users::{NewAccount, OperatorFlags};

/// Configures a dedicated deployment for `acme`.
pub(crate) fn dedicated(settings: &mut Settings) {
    let organization = "acme".parse().expect("valid");
    settings.deployment = Deployment::Dedicated { organization };
}

/// Creates `acme` and its owner, as an operator does.
pub(crate) async fn create_acme(app: &App) {
    let account = NewAccount {
        email: "owner@example.com".parse().expect("valid"),
        name: "Owner".parse().expect("valid"),
        password: "correct horse battery".parse().expect("valid"),
    };
    let made = app
        .users
        .create(account, OperatorFlags::default(), Actor::system());
    let owner = made.await.expect("a new address").id;
    let new = NewOrganization {
        name: "Acme".parse().expect("valid"),
        slug: Some("acme".parse().expect("valid")),
    };
    let made = app.organizations.directory.create_for(owner, new).await;
    made.expect("a new slug");
}
