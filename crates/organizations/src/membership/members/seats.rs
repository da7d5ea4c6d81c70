//! The seat limit.

use tenantry_core::{
    access::Grant,
    db::UnitOfWork,
    quota::{QuotaKind, Quotas as _},
};

use super::store;
use crate::{
    error::OrganizationsError,
    service::{Result, Service},
};

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
        let members = store::count(&work.tenant(grant).await?).await?;
        self.db.runtime().failpoint("seats.counted").await;
        if members + more > seats {
            return Err(OrganizationsError::SeatLimitReached);
        }
        Ok(())
    }
}
