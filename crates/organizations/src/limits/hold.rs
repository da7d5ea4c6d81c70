//! Holding an organization to its limits.

use async_trait::async_trait;
use tenantry_core::{
    db::{DbError, UnitOfWork},
    id::OrganizationId,
    limit::{Limited, Limits},
};

use crate::{entity::organization, service::Service, store};

#[async_trait]
impl Limits for Service {
    async fn hold(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        limited: Limited,
    ) -> Result<Option<u64>, DbError> {
        let rows = work.global().await?;
        let of = |row: Option<organization::Model>| {
            let limits = row.map(|row| row.limits()).unwrap_or_default();
            match limited {
                Limited::Seats => limits.seats,
                Limited::Projects => limits.projects,
            }
        };
        // Most organizations have no limit, and then nobody has to wait for anybody.
        if of(store::organization(&rows, organization).await?).is_none() {
            return Ok(None);
        }
        let locked = store::lock_organization(&rows, organization).await?;
        Ok(of(locked).map(u64::from))
    }
}
