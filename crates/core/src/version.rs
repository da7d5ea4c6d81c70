//! Conditions on the version of a row, for writers that read it before (optimistic concurrency).

/// What a writer says about the version to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing: the last writer wins.
    #[default]
    None,
    /// Any version, as long as the thing is there.
    Any,
    /// One of these versions. The list may be empty: then none will do.
    OneOf(Vec<i64>),
}

impl Precondition {
    /// Whether the thing may be changed while it is at this version.
    #[must_use]
    pub fn allows(&self, version: i64) -> bool {
        match self {
            Self::None | Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
