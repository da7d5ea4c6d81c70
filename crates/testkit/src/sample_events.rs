//! Events for tests of the bus, the queue and the relay, of a module that does not exist.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tenantry_core::{define_id, id::OrganizationId, organization_events};

define_id!(
    /// A sample.
    SampleId
);

/// A sample's status changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SampleStatusChanged {
    /// Its organization.
    pub organization_id: OrganizationId,
    /// The sample.
    pub sample_id: SampleId,
    /// The new status.
    pub status: String,
}

/// A sample was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SampleDeleted {
    /// Its organization.
    pub organization_id: OrganizationId,
    /// The sample.
    pub sample_id: SampleId,
}

organization_events! {
    EVENTS:
    Change 1 SampleStatusChanged = "samples.sample_status_changed";
    Change 1 SampleDeleted = "samples.sample_deleted";
}
