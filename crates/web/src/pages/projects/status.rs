//! The fields of a project's form.

use tenantry_core::value::Description;
use tenantry_projects::ProjectStatus;

/// A status with its word for people.
pub(super) const STATUSES: [(ProjectStatus, &str); 3] = [
    (ProjectStatus::Draft, "Draft"),
    (ProjectStatus::Active, "Active"),
    (ProjectStatus::Archived, "Archived"),
];

pub(crate) fn status_word(status: &ProjectStatus) -> &'static str {
    let mut statuses = STATUSES.iter();
    let found = statuses.find(|(known, _)| known == status);
    found.map_or("", |(_, word)| word)
}

/// The description of a form; an empty field is none.
pub(super) fn description(sent: Option<Description>) -> Description {
    sent.unwrap_or_else(Description::empty)
}
