//! The seat limit.

use tenantry_core::{access::Grant, db::UnitOfWork, quota::Quotas as _};

use super::store;
use crate::{
    error::OrganizationsError,
    organization::quotas::model::SEATS,
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
        let limit = self.lock_and_get(work, grant.organization(), SEATS).await?;
        let Some(seats) = limit else {
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
