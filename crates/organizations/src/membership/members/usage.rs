//! The usage of seats.

use std::collections::HashMap;

use async_trait::async_trait;
use tenantry_core::{
    db::{ColumnFilter as _, DbError, GlobalRows},
    id::OrganizationId,
    quota::{CountUsage, Quota, ResourceUsage},
};

use crate::{
    entity::member_count::{Column, Entity},
    organization::quotas::model::SEATS,
};

/// The number of members of an organization.
pub(crate) const SEATS_QUOTA: Quota = Quota {
    key: SEATS,
    usage: &Seats,
};

struct Seats;

#[async_trait]
impl CountUsage for Seats {
    async fn usage(
        &self,
        rows: &GlobalRows<'_>,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, ResourceUsage>, DbError> {
        let wanted = Column::OrganizationId.is_in(organizations.iter().copied());
        let found = rows.find::<Entity>().filter(wanted).all();
        let usage = found.await?.into_iter().map(|row| {
            let usage = ResourceUsage {
                count: u64::try_from(row.members).unwrap_or_default(),
                last_activity: None,
            };
            (row.organization_id, usage)
        });
        Ok(usage.collect())
    }
}
