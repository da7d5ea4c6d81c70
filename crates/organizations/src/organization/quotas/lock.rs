//! Reading a limit under the organization's lock.

use async_trait::async_trait;
use tenantry_core::{
    db::{DbError, UnitOfWork},
    id::OrganizationId,
    quota::{QuotaKind, Quotas},
};

use crate::{organization::store, service::Service};

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
