//! The report on all organizations.

use std::collections::HashMap;

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
    service::{Result, Service},
};

impl Service {
    /// One page of the report, from three queries for any page size.
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
        let members = store::member_counts(&rows, &ids).await?.into_iter();
        let members: HashMap<_, _> = members
            .map(|row| (row.organization_id, row.members))
            .collect();
        let projects = store::project_usage(&rows, &ids).await?.into_iter();
        let projects: HashMap<_, _> = projects.map(|row| (row.organization_id, row)).collect();
        drop(rows);

        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        let page = page.map(|row| {
            let usage = projects.get(&row.id);
            OrganizationActivity {
                members: members.get(&row.id).copied().map_or(0, count),
                projects: usage.map_or(0, |usage| count(usage.projects)),
                created_at: row.created_at,
                last_activity: usage.map(|usage| usage.last_activity),
                is_active: row.is_active,
                organization: OrganizationName {
                    id: row.id,
                    name: row.name,
                    slug: row.slug,
                },
            }
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
