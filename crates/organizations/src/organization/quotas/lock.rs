//! Reading a limit under the organization's lock.

use async_trait::async_trait;
use tenantry_core::{
    db::{DbError, UnitOfWork},
    id::OrganizationId,
    quota::{QuotaKey, Quotas},
};

use crate::{organization::store, service::Service};

#[async_trait]
impl Quotas for Service {
    async fn lock_and_get(
        &self,
        work: &mut UnitOfWork,
        organization: OrganizationId,
        key: QuotaKey,
    ) -> std::result::Result<Option<u64>, DbError> {
        let limit = store::lock_quota_row(&work.global().await?, organization, key).await?;
        Ok(limit.map(u64::from))
    }
}
