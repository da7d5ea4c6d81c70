//! Faults on purpose: the scope's condition, lost in one operation.
//!
//! They prove that the tests would notice such a bug, and that row-level security would hold all
//! the same. A build without the feature `mutants` does not contain them.

/// What can lose its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub enum QueryKind {
    /// Reading rows.
    Find,
    /// Counting rows.
    Count,
    /// Reading a page.
    Page,
    /// The other side of a join.
    Join,
    /// Setting the organization of a new row.
    Insert,
    /// Changing rows.
    Update,
    /// Deleting rows.
    Delete,
}

#[cfg(all(feature = "mutants", not(debug_assertions)))]
compile_error!("the feature `mutants` breaks isolation on purpose: leave it out of a release");

/// Whether this operation was told to lose its scope.
#[cfg(feature = "mutants")]
pub(super) fn drops_predicate(operation: QueryKind) -> bool {
    static LOST: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let lost = LOST.get_or_init(|| std::env::var("TENANTRY_MUTANT").ok());
    lost.as_deref() == Some(format!("{operation:?}").to_lowercase().as_str())
}

/// Nothing is ever lost.
#[cfg(not(feature = "mutants"))]
pub(super) const fn drops_predicate(_: QueryKind) -> bool {
    false
}
