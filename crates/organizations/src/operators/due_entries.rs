//! Entries in the organizations of accounts, in batches: a person may belong to more organizations than
//! one transaction should write to.
//!
//! The first batch is recorded with its cause, together with the event that the rest is due. A listener
//! records the next batch, and so on, so that nothing is lost if the process ends.

use tenantry_core::{
    db::{ColumnFilter as _, DbError, GlobalRows, UnitOfWork},
    event::Changes,
    id::{OrganizationId, UserId},
    orm::Order,
};
use tenantry_domain_events::events::organizations::{
    DueEntry, EntriesDue, MemberReinstated, MemberSuspended, ViewedResource,
};

use super::view_audit;
use crate::entity::every_membership::{Column, Entity, Model};

/// How many memberships a batch holds. One organization has at most as many of them as a page has
/// accounts, so a batch holds all of some organization.
const BATCH: usize = 200;

/// What is recorded for some accounts.
pub(crate) struct Entries {
    /// Whose stream has the event that the rest is due.
    pub(crate) user: UserId,
    /// The accounts.
    pub(crate) accounts: Vec<UserId>,
    /// What their organizations record.
    pub(crate) entry: DueEntry,
}

/// The next memberships of the accounts.
pub(crate) struct Batch {
    entries: Entries,
    memberships: Vec<Model>,
    is_last: bool,
}

impl Entries {
    /// The first batch.
    pub(crate) async fn first(self, rows: &GlobalRows<'_>) -> Result<Batch, DbError> {
        self.batch(rows, None).await
    }

    async fn batch(
        self,
        rows: &GlobalRows<'_>,
        after: Option<OrganizationId>,
    ) -> Result<Batch, DbError> {
        let accounts = self.accounts.iter().copied();
        let mut found = rows
            .find::<Entity>()
            .filter(Column::UserId.is_in(accounts))
            .order_by(Column::OrganizationId, Order::Asc);
        if let Some(after) = after {
            found = found.filter(Column::OrganizationId.gt(after));
        }
        let mut memberships = found.limit(BATCH as u64 + 1).all().await?;
        let is_last = memberships.len() <= BATCH;
        if !is_last && let Some(cut) = memberships.last().map(|row| row.organization_id) {
            // More of its memberships may follow, and it gets one entry for all.
            memberships.retain(|row| row.organization_id != cut);
        }
        Ok(Batch {
            entries: self,
            memberships,
            is_last,
        })
    }
}

impl Batch {
    /// The batch that follows what is recorded.
    pub(crate) async fn next(rows: &GlobalRows<'_>, due: EntriesDue) -> Result<Self, DbError> {
        let entries = Entries {
            user: due.user_id,
            accounts: due.accounts,
            entry: due.entry,
        };
        entries.batch(rows, Some(due.after)).await
    }

    /// Records the batch, and that the rest is due.
    pub(crate) fn record(self, work: &mut UnitOfWork) {
        let Entries {
            user,
            accounts,
            entry,
        } = self.entries;
        let organizations = self.memberships.iter().map(|row| row.organization_id);
        let last = organizations.clone().next_back();
        if entry == DueEntry::Viewed {
            view_audit::record(work, ViewedResource::Accounts, organizations);
        } else {
            for membership in &self.memberships {
                record_change(work, entry, membership);
            }
        }
        if !self.is_last
            && let Some(after) = last
        {
            work.record(&EntriesDue {
                user_id: user,
                accounts,
                entry,
                after,
            });
        }
    }
}

fn record_change(work: &mut UnitOfWork, entry: DueEntry, membership: &Model) {
    let (organization_id, user_id) = (membership.organization_id, membership.user_id);
    let is_active = entry == DueEntry::Reinstated;
    let changes = Changes::default().field("is_active", !is_active, is_active);
    if is_active {
        let event = MemberReinstated {
            organization_id,
            user_id,
        };
        work.record_change(&event, changes);
    } else {
        let event = MemberSuspended {
            organization_id,
            user_id,
        };
        work.record_change(&event, changes);
    }
}
