//! What operators are shown, told to the organizations that it is about.

use std::collections::BTreeMap;

use tenantry_core::{
    db::{ColumnFilter as _, DbError, GlobalRows, UnitOfWork},
    id::{OrganizationId, UserId},
};
use tenantry_domain_events::events::organizations::{OperatorViewed, ViewedResource};

use crate::entity::known_membership::{Column, Entity};

/// Where people are members, in disabled organizations too: one for each membership.
pub(crate) async fn organizations_of(
    rows: &GlobalRows<'_>,
    people: &[UserId],
) -> Result<Vec<OrganizationId>, DbError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let people = people.iter().copied();
    let found = rows.find::<Entity>().filter(Column::UserId.is_in(people));
    let found = found.all().await?.into_iter();
    Ok(found.map(|row| row.organization_id).collect())
}

/// Tells each of the organizations once, however often it is named: once for each of its members
/// that were shown, or for itself.
pub(crate) fn tell(
    work: &mut UnitOfWork,
    at: ViewedResource,
    shown: impl IntoIterator<Item = OrganizationId>,
) {
    let mut looks: BTreeMap<OrganizationId, u32> = BTreeMap::new();
    for organization in shown {
        *looks.entry(organization).or_default() += 1;
    }
    for (organization_id, times) in looks {
        let members = match at {
            ViewedResource::Members | ViewedResource::Accounts => times,
            ViewedResource::Organization | ViewedResource::Report => 0,
        };
        work.record(&OperatorViewed {
            organization_id,
            at,
            members,
        });
    }
}
