//! What operators see of a deletion.

use tenantry_core::{
    clock::Timestamp,
    id::OrganizationId,
    value::{Name, Slug},
};

/// An organization that is being deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    /// The organization's id.
    pub id: OrganizationId,
    /// Its name.
    pub name: Name,
    /// Its slug.
    pub slug: Slug,
    /// When it was marked for deletion.
    pub since: Timestamp,
    /// The tables that still hold rows of it.
    pub remaining: Vec<RemainingRows>,
}

/// The rows of a table that are not erased yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemainingRows {
    /// The table.
    pub table: String,
    /// How many rows, counted up to 10,000.
    pub rows: u64,
}
