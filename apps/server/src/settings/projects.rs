//! What the projects module does by itself.

use tenantry_core::value::Name;

use super::{catalog::FIRST_PROJECT, reader::Reader};

/// Projects.
#[derive(Clone, Debug)]
pub struct ProjectSettings {
    /// The name of the draft that every new organization begins with, if it begins with one.
    pub first: Option<Name>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<ProjectSettings> {
    let first = reader.optional(&FIRST_PROJECT, str::parse::<Name>);
    Some(ProjectSettings { first: first? })
}
