//! The limits of an organization.

use async_trait::async_trait;
use tenantry_core::{
    access::Grant,
    db::{DbError, UnitOfWork},
    id::OrganizationId,
    quota::{QuotaKind, Quotas},
};

use super::{Result, Service};
use crate::{OrganizationsError, store};

#[async_trait]
impl Quotas for Service {
    async fn lock_and_get(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        limited: QuotaKind,
    ) -> std::result::Result<Option<u64>, DbError> {
        let held = store::lock_quota_row(&work.global().await?, organization, limited).await?;
        Ok(held.map(|most| u64::try_from(most).unwrap_or_default()))
    }
}

impl Service {
    /// Fails with `SeatLimitReached` if there are no seats for `more` members. A seat is a
    /// membership: a pending invitation takes none.
    pub(crate) async fn check_seats<P>(
        &self,
        work: &mut UnitOfWork,
        grant: &Grant<P>,
        more: u64,
    ) -> Result<()> {
        let held = self
            .lock_and_get(work, grant.organization(), QuotaKind::Seats)
            .await?;
        let Some(seats) = held else {
            return Ok(());
        };
        let members = store::count_members(&work.tenant(grant).await?).await?;
        self.db.runtime().failpoint("seats.counted").await;
        if members + more > seats {
            return Err(OrganizationsError::SeatLimitReached);
        }
        Ok(())
    }
}
