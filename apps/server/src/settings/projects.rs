//! Options of the projects module.

use std::time::Duration;

use tenantry_core::value::Name;

use super::{
    catalog::{ARCHIVE_AFTER_DAYS, FIRST_PROJECT},
    events::days,
    reader::SettingsReader,
};

/// Projects.
#[derive(Clone, Debug)]
pub struct ProjectSettings {
    /// The name of the draft project that every new organization starts with, if any.
    pub first: Option<Name>,
    /// How long an active project stays unchanged until it is archived, if it ever is.
    pub archive_after: Option<Duration>,
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<ProjectSettings> {
    let first = reader.optional(&FIRST_PROJECT, str::parse::<Name>);
    let archive_after = days(reader, &ARCHIVE_AFTER_DAYS);
    Some(ProjectSettings {
        first: first?,
        archive_after: archive_after?,
    })
}
