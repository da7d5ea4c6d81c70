//! Records what operators view, in the organizations concerned.

use std::collections::BTreeMap;

use tenantry_core::{db::UnitOfWork, id::OrganizationId};
use tenantry_domain_events::events::organizations::{OperatorViewed, ViewedResource};

/// Records one event per organization, whatever the number of entries: an organization has one
/// entry per member that was shown.
pub(crate) fn record(
    work: &mut UnitOfWork,
    at: ViewedResource,
    shown: impl IntoIterator<Item = OrganizationId>,
) {
    let mut views: BTreeMap<OrganizationId, u32> = BTreeMap::new();
    for organization in shown {
        *views.entry(organization).or_default() += 1;
    }
    for (organization_id, entries) in views {
        let members = match at {
            ViewedResource::Members | ViewedResource::Accounts => entries,
            ViewedResource::Organization | ViewedResource::Report | ViewedResource::Rows => 0,
        };
        work.record(&OperatorViewed {
            organization_id,
            at,
            members,
        });
    }
}
