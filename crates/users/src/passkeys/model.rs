//! The public types of passkeys.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{clock::Timestamp, id::PasskeyId, value::Name};

/// A passkey as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Passkey {
    /// Its id.
    pub id: PasskeyId,
    /// What its owner calls it.
    pub name: Name,
    /// Whether it is copied to other devices of its owner, by the maker of the device or by a password
    /// manager.
    pub is_synced: bool,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it was used last.
    pub last_used_at: Option<Timestamp>,
}
