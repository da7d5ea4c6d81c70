//! Members with the names of those who invited them.

use std::collections::{BTreeSet, HashMap};

use tenantry_core::{
    access::Grant,
    id::{MembershipId, UserId},
    page::Page,
    value::Name,
};

use super::store;
use crate::{
    entity::{member, member_profile},
    error::OrganizationsError,
    membership::model::Member,
    service::{Result, Service},
};

impl Service {
    pub(super) async fn profile<P>(&self, grant: &Grant<P>, id: MembershipId) -> Result<Member> {
        let found = store::find_profile(&self.db.read(grant), id).await?;
        let found = found.ok_or(OrganizationsError::MemberNotFound)?;
        let mut names = self.names(found.invited_by).await?;
        let name = found.invited_by.and_then(|id| names.remove(&id));
        Ok(Member::of_profile(found, name))
    }

    pub(super) async fn to_members(
        &self,
        page: Page<member_profile::Model>,
    ) -> Result<Page<Member>> {
        let inviters = page.items.iter().filter_map(|row| row.invited_by);
        let names = self.names(inviters).await?;
        Ok(page.map(|row| {
            let name = row.invited_by.and_then(|id| names.get(&id).cloned());
            Member::of_profile(row, name)
        }))
    }

    /// The member with the data of the account.
    pub(super) async fn to_member(&self, row: member::Model) -> Result<Member> {
        let user = self.deps.users.user(row.user_id).await?;
        let mut names = self.names(row.invited_by).await?;
        let name = row.invited_by.and_then(|id| names.remove(&id));
        Ok(Member::of(row, user, name))
    }

    /// The names of these users, in one query.
    async fn names(&self, ids: impl IntoIterator<Item = UserId>) -> Result<HashMap<UserId, Name>> {
        let ids: BTreeSet<_> = ids.into_iter().collect();
        let ids: Vec<_> = ids.into_iter().collect();
        let found = self.deps.users.users(&ids).await?.into_iter();
        Ok(found.map(|user| (user.id, user.name)).collect())
    }
}
