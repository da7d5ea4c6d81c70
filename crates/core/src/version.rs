//! Preconditions on the version of a row (optimistic concurrency).

/// A precondition on the version to be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// None: the last writer wins.
    #[default]
    None,
    /// The row exists, in any version.
    Any,
    /// One of these versions; an empty list allows none.
    OneOf(Vec<i64>),
}

impl Precondition {
    /// Whether a row of this version may be changed.
    #[must_use]
    pub fn allows(&self, version: i64) -> bool {
        match self {
            Self::None | Self::Any => true,
            Self::OneOf(versions) => versions.contains(&version),
        }
    }
}
