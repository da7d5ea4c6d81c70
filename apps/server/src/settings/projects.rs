//! Options of the projects module.

use tenantry_core::value::Name;

use super::{catalog::FIRST_PROJECT, reader::SettingsReader};

/// Projects.
#[derive(Clone, Debug)]
pub struct ProjectSettings {
    /// The name of the draft project that every new organization starts with, if any.
    pub first: Option<Name>,
}

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<ProjectSettings> {
    let first = reader.optional(&FIRST_PROJECT, str::parse::<Name>);
    Some(ProjectSettings { first: first? })
}
