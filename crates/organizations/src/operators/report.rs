//! The report on all organizations.

use std::cmp::Ordering;

use tenantry_core::{
    access::Operator,
    db::GlobalRows,
    id::OrganizationId,
    page::{Page, PageRequest},
};
use tenantry_domain_events::events::organizations::{ReportViewed, ViewedResource};

use super::{
    model::{OrganizationActivity, OrganizationName, ReportColumn, ReportOrder},
    store, view_audit,
};
use crate::{
    entity::organization,
    error::OrganizationsError,
    organization::quotas::model::{PROJECTS, SEATS},
    service::{Result, Service},
};

/// The most organizations that are sorted by what they hold.
pub(super) const SORTED: u64 = 10_000;

/// The most organizations of a sorted report.
const SHOWN: usize = 100;

/// Organizations whose usage is counted by one query.
const COUNTED: usize = 500;

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
        let items = self.with_usage(&rows, page.items).await?;
        drop(rows);
        self.record_report_view(operator, &items).await?;
        Ok(Page {
            items,
            next_cursor: page.next_cursor,
        })
    }

    /// The first of the report in that order.
    pub(super) async fn read_sorted_report(
        &self,
        operator: &Operator,
        order: ReportOrder,
    ) -> Result<Vec<OrganizationActivity>> {
        if !self.deps.deployment.multi_org_enabled() {
            return Err(OrganizationsError::RouteNotFound);
        }
        let rows = self.db.read_global();
        let mut all = Vec::new();
        let mut organizations = store::oldest(&rows, SORTED).await?;
        while !organizations.is_empty() {
            let rest = organizations.split_off(organizations.len().min(COUNTED));
            let counted = std::mem::replace(&mut organizations, rest);
            all.extend(self.with_usage(&rows, counted).await?);
        }
        drop(rows);
        all.sort_by(|one, other| {
            let ascending = compare(order.column, one, other);
            if order.is_descending {
                ascending.reverse()
            } else {
                ascending
            }
        });
        all.truncate(SHOWN);
        self.record_report_view(operator, &all).await?;
        Ok(all)
    }

    async fn with_usage(
        &self,
        rows: &GlobalRows<'_>,
        organizations: Vec<organization::Model>,
    ) -> Result<Vec<OrganizationActivity>> {
        let ids: Vec<OrganizationId> = organizations.iter().map(|row| row.id).collect();
        let usage = self.quotas.usage(rows, &ids).await?;
        let activity = |row: organization::Model| OrganizationActivity {
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
        };
        Ok(organizations.into_iter().map(activity).collect())
    }

    async fn record_report_view(
        &self,
        operator: &Operator,
        shown: &[OrganizationActivity],
    ) -> Result<()> {
        let mut work = self.db.begin(operator);
        work.record(&ReportViewed {
            user_id: operator.user(),
            organizations: u32::try_from(shown.len()).unwrap_or(u32::MAX),
        });
        let ids = shown.iter().map(|row| row.organization.id);
        view_audit::record(&mut work, ViewedResource::Report, ids);
        Ok(work.commit().await?)
    }
}

fn compare(
    column: ReportColumn,
    one: &OrganizationActivity,
    other: &OrganizationActivity,
) -> Ordering {
    let (a, b) = (&one.organization, &other.organization);
    match column {
        ReportColumn::Name => a.name.sort_key().cmp(&b.name.sort_key()),
        ReportColumn::Slug => a.slug.as_str().cmp(b.slug.as_str()),
        ReportColumn::State => other.is_active.cmp(&one.is_active),
        ReportColumn::Members => one.members.cmp(&other.members),
        ReportColumn::Projects => one.projects.cmp(&other.projects),
        ReportColumn::Created => one.created_at.cmp(&other.created_at),
        ReportColumn::LastActivity => one.last_activity.cmp(&other.last_activity),
    }
}
