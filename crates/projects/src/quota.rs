//! The quota of projects.

use std::collections::HashMap;

use async_trait::async_trait;
use tenantry_core::{
    db::{ColumnFilter as _, DbError, GlobalRows},
    id::OrganizationId,
    quota::{CountUsage, Quota, QuotaKey, ResourceUsage},
};

use crate::usage::{Column, Entity};

/// The number of projects of an organization.
pub(crate) const PROJECTS: Quota = Quota {
    key: QuotaKey::new("projects"),
    usage: &Projects,
};

struct Projects;

#[async_trait]
impl CountUsage for Projects {
    async fn usage(
        &self,
        rows: &GlobalRows<'_>,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, ResourceUsage>, DbError> {
        let wanted = Column::OrganizationId.is_in(organizations.iter().copied());
        let found = rows.find::<Entity>().filter(wanted).all().await?;
        let usage = found.into_iter().map(|row| {
            let usage = ResourceUsage {
                count: u64::try_from(row.projects).unwrap_or_default(),
                last_activity: Some(row.last_activity),
            };
            (row.organization_id, usage)
        });
        Ok(usage.collect())
    }
}
