//! The settings of an organization, and its deletion.

mod delete;
mod second_factor;
mod show;

use serde_json::json;
use tenantry_core::event::DomainEvent as _;
use tenantry_domain_events::events::organizations::{
    OrganizationDeleted, OrganizationDeletionStarted, OrganizationRenamed, SettingsChanged,
    UserLeftOrganization,
};
use tenantry_http::{Access, Routes};
use tenantry_organizations::{
    DeleteOrganization, ManageOrganization, RequireSecondFactor, ViewOrganization,
};

pub(super) fn routes() -> Routes {
    const VIEW: Access = Access::slug_organization::<ViewOrganization>();
    const MANAGE: Access = Access::slug_organization::<ManageOrganization>();
    const REQUIRE: Access = Access::slug_organization::<RequireSecondFactor>();
    const DELETE: Access = Access::slug_organization::<DeleteOrganization>();

    Routes::new()
        .page("/o/{slug}/settings", VIEW, show::show)
        .form("/o/{slug}/settings", MANAGE, show::change)
        .sample(|values| {
            // Another locale each time, so that each call changes something.
            let locale = format!("en-x-n{}", values.number);
            json!({"locale": locale, "timezone": "UTC"})
        })
        .records(&[SettingsChanged::NAME])
        .form("/o/{slug}/settings/name", MANAGE, show::rename)
        .sample(|values| json!({"name": values.another_text()}))
        .records(&[OrganizationRenamed::NAME])
        .page(
            "/o/{slug}/settings/second-factor",
            REQUIRE,
            second_factor::show,
        )
        .form(
            "/o/{slug}/settings/second-factor",
            REQUIRE,
            second_factor::require,
        )
        .sample(|_| json!({"require_mfa": "on"}))
        .records(&[SettingsChanged::NAME])
        .page("/o/{slug}/settings/delete", DELETE, delete::show)
        .form("/o/{slug}/settings/delete", DELETE, delete::delete)
        .sample(|_| json!({"confirm_slug": "to-delete"}))
        .records(&[
            OrganizationDeletionStarted::NAME,
            UserLeftOrganization::NAME,
            OrganizationDeleted::NAME,
        ])
}
