//! Recording a departure, and finding it.

use tenantry_core::{access::Grant, db::UnitOfWork, id::UserId, value::Slug};
use tenantry_users::User;

use super::store;
use crate::service::{Result, Service};

impl Service {
    /// Records that a member left, and revokes the pending invitations that the person received or
    /// sent. The caller holds the organization's lock.
    pub(crate) async fn record_departure<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        user: &User,
    ) -> Result<()> {
        let number = store::next_departure(&work.global().await?, grant.organization()).await?;
        let id = self.db.runtime().new_id();
        store::set_departure(&work.tenant(grant).await?, id, user.id, number).await?;
        self.revoke_invitations_to(work, grant, &user.email).await?;
        self.revoke_invitations_from(work, grant, user.id, None)
            .await
    }

    /// Whether the user left the organization, or its deleted predecessor of the same slug.
    pub(crate) async fn has_left<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        slug: &Slug,
        user: UserId,
    ) -> Result<bool> {
        let departure = store::departure(&work.tenant(grant).await?, user).await?;
        if departure.is_some() {
            return Ok(true);
        }
        Ok(store::has_departed(&work.global().await?, slug, user).await?)
    }
}
