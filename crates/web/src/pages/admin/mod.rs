//! The pages of operators. For all other callers they do not exist.

mod confirm;
mod delete;
mod disable;
mod events;
mod members;
mod organization;
mod organizations;
mod people;
mod person;
mod report;
mod report_sort;
mod rows;
mod second_factor;
mod tabs;

use serde_json::json;
use tenantry_core::event::DomainEvent as _;
use tenantry_domain_events::events::{
    organizations::{
        LimitsChanged, OrganizationDeleted, OrganizationDeletionStarted, OrganizationDisabled,
        ReportViewed, UserLeftOrganization,
    },
    users::{AllSessionsEnded, PasswordResetSent, SecondFactorsReset, UserDisabled},
};
use tenantry_http::{Access, Routes};

use crate::html::{Answer, Reply};

pub(super) fn routes() -> Routes {
    const STAFF: Access = Access::staff();
    const SUPERUSER: Access = Access::superuser();

    Routes::new()
        .page("/admin", STAFF, index)
        .page("/admin/organizations", STAFF, organizations::show)
        .page("/admin/organizations/{id}", SUPERUSER, organization::show)
        .form(
            "/admin/organizations/{id}/limits",
            SUPERUSER,
            organization::set_limits,
        )
        .sample(|values| json!({"projects": (100_000 + values.number).to_string()}))
        .records(&[LimitsChanged::NAME])
        .page(
            "/admin/organizations/{id}/disable",
            SUPERUSER,
            disable::show,
        )
        .form(
            "/admin/organizations/{id}/disable",
            SUPERUSER,
            disable::disable,
        )
        .sample(|_| json!({"reason": "The bill was not paid"}))
        .records(&[OrganizationDisabled::NAME])
        .form(
            "/admin/organizations/{id}/enable",
            SUPERUSER,
            organization::enable,
        )
        .records(&[])
        .page("/admin/organizations/{id}/delete", SUPERUSER, delete::show)
        .form(
            "/admin/organizations/{id}/delete",
            SUPERUSER,
            delete::delete,
        )
        .sample(|_| json!({"confirm_slug": "to-delete"}))
        .records(&[
            OrganizationDeletionStarted::NAME,
            UserLeftOrganization::NAME,
            OrganizationDeleted::NAME,
        ])
        .page("/admin/deletions", SUPERUSER, delete::progress)
        .page("/admin/rows", STAFF, rows::show)
        .page("/admin/members", STAFF, members::show)
        .page("/admin/people", SUPERUSER, people::show)
        .page("/admin/people/{id}", SUPERUSER, person::show)
        .form("/admin/people/{id}/enable", SUPERUSER, person::enable)
        .records(&[])
        .page(
            "/admin/people/{id}/disable",
            SUPERUSER,
            person::confirm_disabling,
        )
        .form("/admin/people/{id}/disable", SUPERUSER, person::disable)
        .sample(|_| json!({"force": "on"}))
        .records(&[UserDisabled::NAME])
        .page(
            "/admin/people/{id}/end-sessions",
            SUPERUSER,
            person::confirm_end_of_sessions,
        )
        .form(
            "/admin/people/{id}/end-sessions",
            SUPERUSER,
            person::end_sessions,
        )
        .records(&[AllSessionsEnded::NAME])
        .page(
            "/admin/people/{id}/send-reset",
            SUPERUSER,
            person::confirm_sending_a_reset,
        )
        .form(
            "/admin/people/{id}/send-reset",
            SUPERUSER,
            person::send_reset,
        )
        .records(&[PasswordResetSent::NAME])
        .page(
            "/admin/people/{id}/reset-second-factor",
            SUPERUSER,
            second_factor::confirm,
        )
        .form(
            "/admin/people/{id}/reset-second-factor",
            SUPERUSER,
            second_factor::reset,
        )
        .records(&[SecondFactorsReset::NAME])
        .page("/admin/events", SUPERUSER, events::show)
        .form("/admin/events/retry", SUPERUSER, events::retry)
        .sample(|_| json!({"listener": "projects.first_project"}))
        .records(&[])
        .page("/admin/events/forget", SUPERUSER, events::confirm_dropping)
        .form("/admin/events/forget", SUPERUSER, events::forget)
        .sample(|_| json!({"listener": "no.longer_there"}))
        .records(&[])
        .page("/admin/report", SUPERUSER, report::show)
        .records(&[ReportViewed::NAME])
        .page("/admin/report.csv", SUPERUSER, report::download)
        .records(&[ReportViewed::NAME])
}

async fn index() -> Answer {
    Ok(Reply::see_other("/admin/organizations"))
}
