//! Records what operators view, in the organizations concerned.

use std::collections::BTreeMap;

use tenantry_core::{
    db::{ColumnFilter as _, DbError, GlobalRows, UnitOfWork},
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::organizations::{OperatorViewed, ViewedResource};

use crate::entity::every_membership::{Column, Entity};

/// The organizations of these users, disabled ones included; one entry per membership.
pub(crate) async fn organizations_of(
    rows: &GlobalRows<'_>,
    users: &[UserId],
) -> Result<Vec<OrganizationId>, DbError> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let users = users.iter().copied();
    let found = rows.find::<Entity>().filter(Column::UserId.is_in(users));
    let found = found.all().await?.into_iter();
    Ok(found.map(|row| row.organization_id).collect())
}

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
