//! Fault injection: drops the scope's condition from one kind of query.
//!
//! It proves that the tests would notice such a bug, and that row-level security still holds. It is
//! compiled only with the feature `mutants`.

/// The kinds of query that a fault can affect.
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

/// Whether the fault of this process affects this kind of query.
#[cfg(feature = "mutants")]
pub(super) fn drops_predicate(kind: QueryKind) -> bool {
    static FAULT: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    let fault = FAULT.get_or_init(|| std::env::var("TENANTRY_MUTANT").ok());
    fault.as_deref() == Some(format!("{kind:?}").to_lowercase().as_str())
}

/// Without the feature there is no fault.
#[cfg(not(feature = "mutants"))]
pub(super) const fn drops_predicate(_: QueryKind) -> bool {
    false
}
