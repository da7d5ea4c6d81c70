//! A deployment for one organization.

use tenantry::{app::App, settings::Settings};
use tenantry_core::{access::Actor, deployment::Deployment};
use tenantry_organizations::NewOrganization;
use tenantry_users::{NewAccount, OperatorFlags};

/// Makes it a dedicated deployment for `acme`.
pub(crate) fn dedicated(settings: &mut Settings) {
    let organization = "acme".parse().expect("valid");
    settings.deployment = Deployment::Dedicated { organization };
}

/// Makes `acme`, and an owner for it, as an operator does.
pub(crate) async fn found_acme(app: &App) {
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
    let made = app.organizations.create_for(owner, new).await;
    made.expect("a new slug");
}
