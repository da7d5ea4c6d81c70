//! The report on all organizations.

use tenantry_core::{
    access::Operator,
    id::OrganizationId,
    page::{Page, PageRequest},
};
use tenantry_domain_events::events::organizations::{ReportViewed, ViewedResource};

use super::{
    model::{OrganizationActivity, OrganizationName},
    store, view_audit,
};
use crate::{
    error::OrganizationsError,
    organization::quotas::model::{PROJECTS, SEATS},
    service::{Result, Service},
};

impl Service {
    /// One page of the report, from one query, and one per quota, for any page size.
    pub(super) async fn read_report(
        &self,
        operator: &Operator,
        request: &PageRequest,
    ) -> Result<Page<OrganizationActivity>> {
        if !self.deps.deployment.multi_org_enabled() {
            return Err(OrganizationsError::RouteNotFound);
        }
        let rows = self.db.read_global();
        let page = store::by_age(&rows, request).await?;
        let ids: Vec<OrganizationId> = page.items.iter().map(|row| row.id).collect();
        let usage = self.quotas.usage(&rows, &ids).await?;
        drop(rows);

        let page = page.map(|row| OrganizationActivity {
            members: usage.of(SEATS, row.id).count,
            projects: usage.of(PROJECTS, row.id).count,
            created_at: row.created_at,
            last_activity: usage.last_activity(row.id),
            is_active: row.is_active,
            organization: OrganizationName {
                id: row.id,
                name: row.name,
                slug: row.slug,
            },
        });
        let mut work = self.db.begin(operator);
        work.record(&ReportViewed {
            user_id: operator.user(),
            organizations: u32::try_from(page.items.len()).unwrap_or(u32::MAX),
        });
        view_audit::record(&mut work, ViewedResource::Report, ids);
        work.commit().await?;
        Ok(page)
    }
}
